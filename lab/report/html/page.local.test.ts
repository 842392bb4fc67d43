import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { renderJunit } from '../junit.ts';
import { buildReport } from '../report.ts';
import { calmRun, hostileRun } from '../testdata/runs.ts';
import { simulatedRun } from '../testdata/simulated-run.ts';
import { pageOf } from './page.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
// Where everything is tested a browser has to be there: nothing may be passed over unseen.
const skip =
  executablePath === undefined && !process.env.CI ? 'no Chromium here: sudo apt-get install chromium' : false;

const full = join(import.meta.dirname, '../../../experiments/full.yaml');

describe('in a browser', { skip }, () => {
  let browser: Browser;
  before(async () => {
    assert.ok(executablePath, 'Chromium is not on this machine: sudo apt-get install chromium');
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  });
  after(() => browser?.close());

  async function opened(html: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const page = await browser.newPage({ javaScriptEnabled: false, ...options });
    await page.setContent(html);
    return page;
  }

  const calm = pageOf(buildReport(calmRun()));
  const pages = { calm, full: pageOf(buildReport(simulatedRun(readFileSync(full, 'utf8')))) };
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

  const looks = Object.entries(pages).flatMap(([name, html]) =>
    (['light', 'dark'] as const).map(colorScheme => ({ name, html, colorScheme })),
  );
  for (const { name, html, colorScheme } of looks) {
    test(`the page of a ${name} run has no violations of accessibility rules in ${colorScheme}`, async () => {
      // The page's own policy would keep the checker out.
      const page = await opened(html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''), {
        colorScheme,
        javaScriptEnabled: true,
      });
      // What is folded away is read too.
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      await page.evaluate(axe);
      const violations = await page.evaluate<string[]>(
        'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))',
      );
      assert.deepEqual(violations, []);
      await page.close();
    });
  }

  const sizes = Object.entries(pages).flatMap(([name, html]) => [360, 768, 1280].map(width => ({ name, html, width })));
  for (const { name, html, width } of sizes) {
    test(`the page of a ${name} run has no horizontal scroll at ${width} pixels`, async () => {
      const page = await opened(html, { viewport: { width, height: 800 }, javaScriptEnabled: true });
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      await page.close();
    });
  }

  test('the report of a full comparison is under a megabyte', () => {
    assert.ok(Buffer.byteLength(pages.full) < 1e6, `${Buffer.byteLength(pages.full)} bytes`);
  });

  test('without scripts all of it is there to read', async () => {
    const page = await opened(calm);
    assert.equal(await page.locator('h1').textContent(), 'The answer');
    assert.ok((await page.locator('.plot svg').count()) >= 8);
    const drawing = await page.locator('.plot svg').first().boundingBox();
    assert.ok(drawing && drawing.height > 50 && drawing.width > 300);
    await page.close();
  });

  test('nothing in a hostile file runs, loads or becomes an element', async () => {
    const requests: string[] = [];
    const page = await browser.newPage();
    page.on('request', request => void requests.push(request.url()));
    await page.setContent(pageOf(buildReport(hostileRun())));
    assert.equal(await page.locator('script, img, iframe, object, [onerror], [onload]').count(), 0);
    assert.match(await page.title(), /^Loadline: /);
    assert.deepEqual(requests, []);
    await page.close();
  });

  test('JUnit of a hostile file is well-formed XML', async () => {
    const page = await browser.newPage();
    const xml = JSON.stringify(renderJunit(buildReport(hostileRun())));
    const faults = `new DOMParser().parseFromString(${xml}, 'application/xml').querySelectorAll('parsererror').length`;
    assert.equal(await page.evaluate(faults), 0);
    await page.close();
  });
});
