// SPDX-License-Identifier: Apache-2.0
// Goal: a page of another origin can neither show the dashboard in a frame, nor change or read anything in the visitor's name; and nothing
// in an address leads the dashboard elsewhere.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';

export default async function (story, { org, owner }) {
  const page = await story.signedIn(owner, { expected: [400, 404] });
  const attacker = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<title>attacker</title><iframe id="frame" src="${story.base}/"></iframe>
      <form id="form" method="post" action="${story.base}/api/v4/orgs/${org}/tokens"><input name="label" value="forged"></form>`);
  });
  attacker.listen(0, '127.0.0.1');
  await once(attacker, 'listening');
  const elsewhere = `http://127.0.0.1:${attacker.address().port}`;
  try {
    const theirs = await page.context().newPage();
    await theirs.goto(elsewhere);
    const frame = theirs.frames().find((f) => f !== theirs.mainFrame());
    assert.ok(!frame || !(await frame.locator('#app, main').count()), 'the dashboard is in no frame');

    const attempts = await theirs.evaluate(async ([base, id]) => {
      const tried = [];
      for (const [method, path, body] of [
        ['GET', '/api/v4/session'], ['DELETE', '/api/v4/session'], ['POST', `/api/v4/orgs/${id}/tokens`, '{"label":"forged"}'],
        ['POST', '/api/v4/user/token/reveal', '{}']]) {
        for (const mode of ['cors', 'no-cors']) {
          const answer = await fetch(base + path, { method: mode === 'cors' || method === 'GET' ? method : 'POST', mode, credentials: 'include', body })
            .then(async (a) => `${a.type} ${a.status} ${await a.text()}`, () => 'refused');
          tried.push(answer);
        }
      }
      return tried;
    }, [story.base, org]);
    for (const said of attempts) assert.match(said, /^(refused|opaque 0 )$/, 'nothing is read');
    // Another port is another origin, but the same site: the cookie comes along, and is not enough.
    const [answer] = await Promise.all([
      theirs.waitForResponse((r) => r.request().method() === 'POST' && r.url().endsWith('/tokens') && r.request().isNavigationRequest()),
      theirs.locator('#form').evaluate((form) => form.submit()),
    ]);
    assert.equal(answer.status(), 403);
    assert.equal((await answer.json()).code, 'CSRF_REFUSED');
    await theirs.close();
    const tokens = story.curl(owner.token, 'GET', `/api/v4/orgs/${org}/tokens`).body.response;
    assert.deepEqual(tokens, [], 'nothing was made');
  } finally {
    attacker.close();
  }
  await page.reload();
  await page.getByRole('navigation').first().waitFor();

  for (const where of [`/#//${new URL(elsewhere).host}/`, `/#/${elsewhere}`, `/#/?next=${elsewhere}`,
    `/#javascript:alert(1)`, `/#/organization/..//${new URL(elsewhere).host}`]) {
    await page.goto(where);
    await page.getByRole('navigation').first().waitFor();
    assert.equal(new URL(page.url()).origin, story.base, where);
  }
  await page.goto(`/?next=${elsewhere}`);
  assert.equal(new URL(page.url()).origin, story.base, 'a query is refused, not followed');
  story.trouble = story.trouble.filter((line) => !line.includes(elsewhere) && !/CORS|blocked|frame-ancestors|X-Frame-Options/.test(line));
}
