import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser, violationsOn, withoutBrowser } from '../../../dashboard/testdata/browser.ts';
import { renderJunit } from '../junit.ts';
import { buildReport } from '../report.ts';
import { calmRun, hostileRun } from '../testdata/runs.ts';
import { simulatedRun } from '../testdata/simulated-run.ts';
import { renderReport } from './page.ts';

const full = readFileSync(join(import.meta.dirname, '../../../experiments/full.yaml'), 'utf8');
const pages = { calm: renderReport(buildReport(calmRun())), full: renderReport(buildReport(simulatedRun(full))) };

describe('the report in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function opened(html: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage(options);
    await page.setContent(html);
    return page;
  }

  for (const [name, html] of Object.entries(pages)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`a ${name} run's page has no violations of accessibility rules in ${colorScheme}`, async () => {
        // The page's own policy would keep the checker out.
        const page = await opened(html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''), {
          colorScheme,
        });
        // What is folded away is read too.
        await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
        assert.deepEqual(await violationsOn(page), []);
        await page.close();
      });
    }

    test(`a ${name} run's page never scrolls sideways`, async () => {
      const page = await opened(html);
      for (const width of [360, 768, 1280]) {
        await page.setViewportSize({ width, height: 800 });
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      }
      await page.close();
    });
  }

  test('the report of a full comparison is under 400 kB', () => {
    assert.ok(Buffer.byteLength(pages.full) < 400_000, `${Buffer.byteLength(pages.full)} bytes`);
  });

  test('without scripts all of it is there to read', async () => {
    const page = await opened(pages.calm, { javaScriptEnabled: false });
    assert.equal(await page.locator('h1').textContent(), 'The answer');
    assert.ok((await page.locator('.plot').count()) >= 8);
    const drawing = await page.locator('.plot').first().boundingBox();
    assert.ok(drawing && drawing.height > 50 && drawing.width > 300);
    await page.close();
  });

  test('nothing in a hostile file runs, loads or becomes an element, and its JUnit is well-formed', async () => {
    const page = await browser.newPage();
    const requests: string[] = [];
    page.on('request', request => void requests.push(request.url()));
    const report = buildReport(hostileRun());
    await page.setContent(renderReport(report));
    assert.equal(await page.locator('script, img, iframe, object, [onerror], [onload]').count(), 0);
    assert.match(await page.title(), /^Loadline: /);
    assert.deepEqual(requests, []);
    await page.setContent('');
    const xml = JSON.stringify(renderJunit(report));
    const faults = `new DOMParser().parseFromString(${xml}, 'application/xml').querySelectorAll('parsererror').length`;
    assert.equal(await page.evaluate(faults), 0);
    await page.close();
  });
});
