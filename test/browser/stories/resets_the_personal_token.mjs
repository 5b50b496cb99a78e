// SPDX-License-Identifier: Apache-2.0
// Goal: a developer finds their personal token, reveals and copies it, sees where it was used, and resets it: the old value is
// refused at once, the new one works.
import assert from 'node:assert/strict';

export default async function (story, { owner }) {
  const me = '/api/v4/user';
  const page = await story.signedIn(owner);
  await page.goto('/#/account/token');
  await page.getByRole('heading', { name: 'Personal token', level: 1 }).waitFor();
  const token = page.getByRole('group', { name: 'Personal access token' });
  await token.getByRole('button', { name: 'Reveal' }).click();
  await token.getByText(owner.token).waitFor();
  await token.getByRole('button', { name: /^Copy/ }).click();
  await token.getByText('Copied').first().waitFor();
  assert.equal(await story.clipboard(page), owner.token);
  assert.equal(story.curl(owner.token, 'GET', me).status, 200);

  await token.getByRole('button', { name: 'Hide' }).click();
  assert.equal(await page.getByText(owner.token).count(), 0, 'hidden is gone, not covered');
  await page.getByText('What it may do right now').waitFor();
  await page.getByText(/of \d+/).first().waitFor();
  await story.look(page, 'personal-token');

  await page.getByRole('button', { name: 'Reset', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Reset your personal token?' });
  await dialog.waitFor();
  await story.look(page, 'personal-token-reset');
  await dialog.getByRole('button', { name: 'Reset token' }).click();
  await page.getByText('This is your new token').waitFor();
  const fresh = (await token.locator('code').innerText()).trim();
  assert.match(fresh, /^jtnp_[0-9A-Za-z]{38}$/);
  assert.equal(story.curl(owner.token, 'GET', me).status, 401, 'the old value is refused at once');
  assert.equal(story.curl(fresh, 'GET', me).status, 200, 'the new one works');
}
