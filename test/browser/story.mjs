// SPDX-License-Identifier: Apache-2.0
// What every story has: pages that are watched, and looks at them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';

export const DESKTOP = { width: 1280, height: 800 };
export const PHONE = { width: 360, height: 740 };

export class Story {
  constructor(browser, AxeBuilder, facts, shots) {
    this.browser = browser;
    this.AxeBuilder = AxeBuilder;
    this.base = facts.base;
    this.shots = shots;
    this.pages = [];
    this.log = []; // what the pages said, for who reads why a story failed
    this.trouble = []; // what no page may do, whatever the story
  }

  /** A page of a browser of its own, with nothing remembered. `expected`: statuses that this story provokes on purpose. */
  async page({ viewport = DESKTOP, expected = [] } = {}) {
    const context = await this.browser.newContext({
      viewport, baseURL: this.base, permissions: ['clipboard-read', 'clipboard-write'], timezoneId: 'Europe/Paris', locale: 'en-GB',
    });
    const page = await context.newPage();
    page.setDefaultTimeout(15000);
    page.on('console', (m) => {
      this.log.push(`console ${m.type()}: ${m.text()}`);
      // The browser itself writes a line for each answer of 400 and above; those are judged below.
      if (m.type() === 'error' && !m.text().startsWith('Failed to load resource')) this.trouble.push(`console: ${m.text()}`);
    });
    page.on('pageerror', (e) => this.trouble.push(`page error: ${e.stack || e}`));
    page.on('request', (r) => {
      if (!r.url().startsWith(this.base) && !/^(data|blob|about):/.test(r.url())) this.trouble.push(`request to ${r.url()}`);
    });
    page.on('response', (r) => {
      this.log.push(`${r.status()} ${r.request().method()} ${r.url().slice(this.base.length)}`);
      if (r.status() >= 400 && ![401, 403, ...expected].includes(r.status())) this.trouble.push(`${r.status()} ${r.url()}`);
    });
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`));
    });
    this.pages.push(page);
    return page;
  }

  /** Signs in on a page of its own, and returns it. */
  async signedIn({ email, password }, options) {
    const page = await this.page(options);
    await page.goto('/');
    await page.getByLabel('E-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('navigation').first().waitFor();
    return page;
  }

  /** Does `attempt` again until it is true; fails with `what` after 20 seconds. */
  async eventually(what, attempt) {
    const end = Date.now() + 20000;
    while (!(await attempt())) assert.ok(Date.now() < end, `not within 20 s: ${what}`);
  }

  /** What a page has put on the clipboard, read by a page that may: the dashboard itself may not. */
  async clipboard(page) {
    const reader = await page.context().newPage();
    await reader.goto(`${this.base}/openapi.json`);
    const text = await reader.evaluate(() => navigator.clipboard.readText());
    await reader.close();
    return text;
  }

  /** Looks at the page as people with other eyes and other screens: axe in light and dark, nothing wider than the screen, and
   * pictures of all four, in the folder of screenshots. Leaves the page as it was. */
  async look(page, name) {
    const before = page.viewportSize();
    for (const [screen, size] of [['desktop', DESKTOP], ['phone', PHONE]]) {
      await page.setViewportSize(size);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.evaluate(() => new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); }));
        await this.keepShot(page, `${name}-${screen}-${colorScheme}`);
        const { violations } = await new this.AxeBuilder({ page }).analyze();
        const grave = violations.filter((v) => v.impact === 'serious' || v.impact === 'critical');
        assert.deepEqual(grave.map((v) => [v.id, v.nodes.map((n) => n.target.join(' '))]), [], `axe: ${name}, ${screen}, ${colorScheme}`);
      }
      const [wide, room] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
      assert.ok(wide <= room, `${name}: ${wide} px wide on a ${screen} of ${room}`);
    }
    await page.setViewportSize(before);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  }

  async keepShot(page, name) {
    await page.screenshot({ path: path.join(this.shots, `${name}.png`), fullPage: true, animations: 'disabled' });
  }

  /** The pages as they are, for who reads why a story failed. */
  async keep(name) {
    for (const [i, page] of this.pages.entries()) {
      if (!page.isClosed()) await this.keepShot(page, `${name}-${i}`).catch(() => {});
    }
  }

  /** What curl prints for a request to the API with this token: {status, body}. */
  curl(token, method, where, body) {
    const more = body === undefined ? [] : ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)];
    const said = execFileSync('curl', ['-sS', '-X', method, '-w', '\n%{http_code}', '-H', `Authorization: Bearer ${token}`, ...more,
      this.base + where], { encoding: 'utf8' });
    const at = said.lastIndexOf('\n');
    return { status: Number(said.slice(at + 1)), body: at > 0 ? JSON.parse(said.slice(0, at)) : null };
  }

  judge() {
    assert.deepEqual(this.trouble, [], 'what no page may do');
  }
}
