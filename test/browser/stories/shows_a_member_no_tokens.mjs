// SPDX-License-Identifier: Apache-2.0
// Goal: a member sees no page of the organization's tokens, neither in the navigation nor by its address, and the API agrees.
import assert from 'node:assert/strict';

export default async function (story, { org, owner, member }) {
  const page = await story.signedIn(member);
  await page.getByRole('link', { name: 'Personal token' }).waitFor();
  assert.equal(await page.getByRole('link', { name: 'Integration tokens' }).count(), 0);
  await page.goto('/#/organization/tokens');
  await page.getByRole('heading', { name: 'Nothing here' }).waitFor();
  await story.look(page, 'nothing-here');
  const refused = await page.evaluate(async (path) => (await fetch(path)).status, `/api/v4/orgs/${org}/tokens`);
  assert.equal(refused, 403);
  const answer = story.curl(member.token, 'GET', `/api/v4/orgs/${org}/tokens`);
  assert.deepEqual([answer.status, answer.body.code], [403, 'INSUFFICIENT_SCOPE']);
  assert.equal(story.curl(owner.token, 'GET', `/api/v4/orgs/${org}/tokens`).status, 200);
}
