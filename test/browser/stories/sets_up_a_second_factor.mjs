// SPDX-License-Identifier: Apache-2.0
// Goal: a second factor from set-up to recovery code: scanned or typed, confirmed by a code, asked for at the next sign-in, and opened by
// a recovery code when the authenticator is lost.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';

/** RFC 6238, of a step before or after the present one. */
function code(secret, steps = 0) {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret].map((c) => letters.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const count = Buffer.alloc(8);
  count.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30000) + steps));
  const mac = createHmac('sha1', key).update(count).digest();
  const at = mac[19] & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1000000).padStart(6, '0');
}

export default async function (story, { owner }) {
  const page = await story.signedIn(owner);
  await page.goto('/#/account/security');
  await page.getByRole('heading', { name: 'Security', level: 1 }).waitFor();
  await story.look(page, 'security');
  await page.getByRole('button', { name: 'Set up' }).click();
  await page.getByRole('img', { name: /QR/ }).waitFor();
  const secret = (await page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{4}){7}$/).innerText()).replaceAll(' ', '');
  await story.look(page, 'second-factor');
  await page.getByLabel('Type the six digits that the app shows').fill(code(secret) === '000000' ? '000001' : '000000');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await page.getByText('That code is not right.').waitFor();
  await page.getByLabel('Type the six digits that the app shows').fill(code(secret));
  await page.getByRole('button', { name: 'Turn on' }).click();
  const codes = page.getByText(/^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  await codes.first().waitFor();
  assert.equal(await codes.count(), 10);
  const recovery = await codes.first().innerText();
  assert.ok(await page.getByRole('button', { name: 'Done' }).isDisabled(), 'nobody leaves without having kept them');
  await page.getByLabel('I have kept them in a safe place').check();
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByText('10 of 10 recovery codes left.').waitFor();

  const again = await story.page();
  await again.goto('/');
  await again.getByLabel('E-mail').fill(owner.email);
  await again.getByLabel('Password', { exact: true }).fill(owner.password);
  await again.getByRole('button', { name: 'Sign in' }).click();
  await again.getByRole('heading', { name: 'Second factor' }).waitFor();
  await story.look(again, 'sign-in-second-factor');
  await again.getByLabel('One-time code').fill(code(secret, 1));
  await again.getByRole('button', { name: 'Go on' }).click();
  await again.getByRole('navigation').first().waitFor();

  const lost = await story.page();
  await lost.goto('/');
  await lost.getByLabel('E-mail').fill(owner.email);
  await lost.getByLabel('Password', { exact: true }).fill(owner.password);
  await lost.getByRole('button', { name: 'Sign in' }).click();
  await lost.getByRole('button', { name: 'Use a recovery code' }).click();
  await lost.getByLabel('Recovery code').fill(recovery);
  await lost.getByRole('button', { name: 'Go on' }).click();
  await lost.getByRole('navigation').first().waitFor();
  await lost.goto('/#/account/security');
  await lost.getByText('9 of 10 recovery codes left.').waitFor();
}
