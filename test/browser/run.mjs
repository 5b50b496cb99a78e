// SPDX-License-Identifier: Apache-2.0
// Runs one story in a real Chromium: node run.mjs STORY.mjs, with its facts as JSON on standard input. Exit status 1 and a
// reason on standard error if the story's promise is broken.
import { createRequire } from 'node:module';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Story } from './story.mjs';

const require = createRequire(path.join(process.env.JETON_NPM, 'from-here.js'));
const { chromium } = require('playwright-core');
const { AxeBuilder } = require('@axe-core/playwright');

const chunks = [];
for await (const chunk of process.stdin) chunks.push(chunk);
const facts = JSON.parse(Buffer.concat(chunks).toString('utf8'));
const shots = process.env.JETON_SHOTS;
await mkdir(shots, { recursive: true });

const profile = await mkdtemp(path.join(tmpdir(), 'jeton-browser-'));
const browser = await chromium.launch({
  executablePath: process.env.JETON_CHROMIUM || '/usr/bin/chromium',
  env: { ...process.env, HOME: profile, XDG_CONFIG_HOME: profile, XDG_CACHE_HOME: profile },
  args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--no-first-run', '--disable-dev-shm-usage'],
});
const story = new Story(browser, AxeBuilder, facts, shots);
try {
  const { default: tell } = await import(pathToFileURL(path.resolve(process.argv[2])));
  await tell(story, facts);
  story.judge();
} catch (trouble) {
  await story.keep('failed');
  console.error(trouble.stack || trouble);
  for (const line of story.log) console.error(line);
  process.exitCode = 1;
} finally {
  await browser.close();
  await rm(profile, { recursive: true, force: true });
}
