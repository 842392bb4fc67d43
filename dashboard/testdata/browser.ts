import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { type Browser, chromium, type Page } from 'playwright-core';

const executablePath = [
  process.env.CHROMIUM ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync);

/** Why tests in a browser are skipped; where everything is tested a browser has to be there: nothing is passed over unseen. */
export const withoutBrowser =
  executablePath === undefined && !process.env.CI ? 'no Chromium here: sudo apt-get install chromium' : false;

/** A Chromium of one's own, without a window; `hosts`: names, and addresses, that lead to this machine. */
export async function openBrowser(hosts: readonly string[] = []): Promise<Browser> {
  assert.ok(executablePath, 'Chromium is not on this machine: sudo apt-get install chromium');
  const rules = hosts.map(host => `MAP ${host} 127.0.0.1`).join(', ');
  return chromium.launch({ executablePath, args: ['--no-sandbox', `--host-resolver-rules=${rules}`] });
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Which rules of accessibility the page violates as it is now, each with the first element. */
export async function violationsOn(page: Page): Promise<string[]> {
  if ((await page.evaluate('typeof axe')) === 'undefined') await page.evaluate(axe);
  return page.evaluate<string[]>(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))',
  );
}
