// SPDX-License-Identifier: Apache-2.0
// Goal: the life of an integration token: made in the dashboard, used with curl, seen as used, rotated with an overlap in which both
// values work, and deleted, after which both are refused.
import assert from 'node:assert/strict';

export default async function (story, { org, owner }) {
  const scopes = `/api/v4/orgs/${org}/my_scopes`;
  const page = await story.signedIn(owner);
  await page.goto('/#/organization/tokens');
  await page.getByRole('heading', { name: 'No tokens yet' }).waitFor();
  await story.look(page, 'tokens-none');
  await page.getByRole('button', { name: 'Create token' }).first().click();
  const panel = page.getByRole('dialog', { name: 'Create token' });
  await panel.getByLabel('Label').fill('deploy-frontend');
  await panel.getByLabel('Role').selectOption({ label: 'CI' });
  await panel.getByText('What it will be able to do').waitFor();
  await story.look(page, 'token-create');
  await panel.getByRole('button', { name: 'Create token' }).click();

  const made = page.getByRole('dialog', { name: 'Your token is ready' });
  const value = (await made.getByRole('group').locator('code').first().innerText()).trim();
  assert.match(value, /^jtnc_[0-9A-Za-z]{38}$/);
  for (const name of ['GitHub Actions', 'GitLab CI', 'Jenkins', 'CircleCI']) {
    await made.getByRole('tab', { name }).click();
    assert.ok(!(await made.getByRole('tabpanel').innerText()).includes(value), `${name}: the secret is by reference`);
  }
  await story.look(page, 'token-made');
  await made.getByRole('button', { name: 'Done' }).click();
  assert.equal(await page.getByText(value).count(), 0, 'it is shown this once');
  assert.equal(story.curl(value, 'GET', scopes).status, 200);

  const row = page.getByRole('row', { name: /deploy-frontend/ });
  await row.waitFor();
  // What is known of use is written every few seconds: who waits for it reloads.
  await story.eventually('its use shows', async () => {
    await page.reload();
    await row.waitFor();
    return row.getByText('Active').isVisible();
  });
  await story.look(page, 'tokens');

  await row.getByRole('button', { name: 'Actions on deploy-frontend' }).click();
  await page.getByRole('menuitem', { name: 'Rotate' }).click();
  const rotate = page.getByRole('dialog', { name: 'Rotate deploy-frontend' });
  await rotate.getByLabel('The old value goes on for').selectOption({ label: '1 hour' });
  await rotate.getByRole('button', { name: 'Rotate' }).click();
  const fresh = page.getByRole('dialog', { name: 'The new value' });
  const second = (await fresh.getByRole('group').locator('code').first().innerText()).trim();
  assert.notEqual(second, value);
  assert.deepEqual([value, second].map((v) => story.curl(v, 'GET', scopes).status), [200, 200], 'both work in the overlap');
  await fresh.getByRole('button', { name: 'Done' }).click();

  await row.getByRole('link', { name: 'deploy-frontend' }).click();
  const details = page.getByRole('dialog', { name: 'deploy-frontend' });
  await details.getByText('127.0.0.1').waitFor();
  await story.look(page, 'token');
  await details.getByRole('button', { name: 'Delete' }).click();
  const last = page.getByRole('dialog', { name: 'Delete deploy-frontend?' });
  await last.getByText('127.0.0.1').waitFor();
  await story.look(page, 'token-delete');
  assert.ok(await last.getByRole('button', { name: 'Delete token' }).isDisabled(), 'used in the last week: its label must be typed');
  await last.getByRole('textbox').fill('deploy-frontend');
  await last.getByRole('button', { name: 'Delete token' }).click();
  await page.getByRole('heading', { name: 'No tokens yet' }).waitFor();
  assert.deepEqual([value, second].map((v) => story.curl(v, 'GET', scopes).status), [401, 401], 'both are refused at once');
}
