// SPDX-License-Identifier: Apache-2.0
// Goal: who has an account signs in and out; who gives a wrong password is told so, and stays out; after signing out neither the back
// button nor a reload shows what was there.
import assert from 'node:assert/strict';

export default async function (story, { owner }) {
  const page = await story.page();
  await page.goto('/');
  await page.getByLabel('E-mail').waitFor();
  await story.look(page, 'sign-in');
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The e-mail address or the password is not right.').waitFor();
  await story.look(page, 'sign-in-wrong');
  await page.getByLabel('Password', { exact: true }).fill(owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('navigation').first().waitFor();
  assert.equal(await page.evaluate(() => document.cookie), '', 'no script can read the cookie');
  await page.goto('/#/account/profile');
  await page.getByRole('heading', { name: 'Profile', level: 1 }).waitFor();
  await page.getByRole('button', { name: owner.email.split('@')[0] }).click();
  await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
  await page.getByLabel('E-mail').waitFor();
  await page.goBack();
  await page.reload();
  await page.getByLabel('E-mail').waitFor();
  assert.equal(await page.getByText(owner.email).count(), 0);
}
