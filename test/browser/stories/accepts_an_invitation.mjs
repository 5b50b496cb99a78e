// SPDX-License-Identifier: Apache-2.0
// Goal: who was invited follows the link once, chooses a password, signs in with it, and has a personal token of their own; the link is
// worth nothing afterwards, and its secret never reached the server in an address.
import assert from 'node:assert/strict';

export default async function (story, { org, owner }) {
  const invited = story.curl(owner.token, 'POST', `/api/v4/orgs/${org}/rbac/invitations`, { email: 'ida@example.com', org_role: 'MEMBER' });
  const { url } = invited.body.response;
  const page = await story.page({ expected: [410] });
  await page.goto(url);
  await page.getByRole('heading', { name: 'Welcome' }).waitFor();
  await story.look(page, 'invitation');
  await page.getByLabel('Your name').fill('Ida Invited');
  await page.getByLabel('New password', { exact: true }).fill('too short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByText('12 characters').first().waitFor();
  await page.getByLabel('New password', { exact: true }).fill('a passphrase of my own');
  await page.getByRole('button', { name: 'Create account' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('E-mail').fill('ida@example.com');
  await page.getByLabel('Password', { exact: true }).fill('a passphrase of my own');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Ida Invited' }).waitFor();
  assert.ok(!story.log.some((line) => line.includes(url.split('token=')[1])), 'the secret is in no address that was asked for');

  const again = await story.page({ expected: [410] });
  await again.goto(url);
  await again.getByLabel('New password', { exact: true }).fill('somebody else would like it');
  await again.getByRole('button', { name: 'Create account' }).click();
  await again.getByRole('heading', { name: 'This link does not work' }).waitFor();
  await story.look(again, 'invitation-spent');
}
