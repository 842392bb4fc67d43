import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, violationsOn, withoutBrowser } from '../../testdata/browser.ts';
import { serveStage } from './testdata/stage-server.ts';

/** Users who send the next request at once: two blocking workers serve two of forty, event loops all. */
const FORTY_USERS = 'arrivalRate=0&users=40&wait=0.2';

describe('the stage in a browser', { skip: withoutBrowser }, () => {
  let server: Awaited<ReturnType<typeof serveStage>>;
  let browser: Browser;
  before(async () => {
    server = await serveStage();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  });

  /** Opens the stage, and throws what the browser finds wrong with it. */
  async function open(play: string, options: Parameters<Browser['newPage']>[0] = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
    page.on('pageerror', error => {
      throw error;
    });
    page.on('console', message => {
      if (message.type() === 'error') throw new Error(message.text());
    });
    await page.goto(server.addressOf(play));
    await page.locator('.stage-process').first().waitFor();
    return page;
  }

  test('of forty users two blocking workers serve two and the rest wait, where two event loops serve all', async () => {
    const page = await open(`${FORTY_USERS}&topologies=sync,hybrid,hybrid:2`);
    const names = page.locator('.stage-caption h3');
    const [sync = '', hybrid = ''] = await names.allTextContents();
    assert.deepEqual([sync, hybrid, await names.count()], ['sync', 'hybrid 2×1, 40 connections', 3]);
    await untilWaiting(page, sync, 30, 40);
    await untilWaiting(page, hybrid, 0, 2);
    const lines = await names.locator('svg').evaluateAll(all => all.map(swatch => swatch.outerHTML));
    assert.equal(new Set(lines).size, 3);
    await page.close();
  });

  test('with the keyboard alone a worker is looked at and ended, and the stage shows it gone', async () => {
    const page = await open(FORTY_USERS);
    await page.locator('summary').click();
    await page.locator('section[aria-label="sync"] .stage-process').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const card = page.getByRole('group', { name: 'worker sync-2.1', exact: true });
    await card.getByText('database connection').waitFor();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('tbody tr td:last-child')?.textContent === '1');
    assert.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), 'worker sync-2.1');
    await page.close();
  });

  /** Frames of two seconds that a stage may draw, at least and at most. */
  const paces: readonly [string, string, Parameters<Browser['newPage']>[0], number, number][] = [
    [
      'with reduced motion numbers change twice a second, and nothing moves',
      FORTY_USERS,
      { reducedMotion: 'reduce' },
      1,
      5,
    ],
    ['while the tour measures it is drawn ten times a second at most', `${FORTY_USERS}&measuring`, {}, 1, 21],
    ['where nothing is sent nothing is drawn', 'topologies=sync,hybrid&arrivalRate=0', {}, 0, 0],
  ];
  for (const [words, play, options, least, most] of paces) {
    test(words, async () => {
      const page = await open(play, options);
      await untilWaiting(page, 'sync', least === 0 ? 0 : 30, 40);
      await framesOfTwoSeconds(page);
      const frames = await framesOfTwoSeconds(page);
      assert.ok(frames.length >= least && frames.length <= most, `${frames.length} frames in 2 s`);
      if (options?.reducedMotion !== undefined) assert.ok(frames.every(([dots]) => dots === 0));
      await page.close();
    });
  }

  test('after the last answer the stage looks as one where nothing was ever sent', async () => {
    const pictures: string[] = [];
    for (const burst of [0, 60]) {
      const page = await open(`topologies=sync,hybrid&arrivalRate=0&burst=${burst}&wait=0.1`);
      if (burst > 0) await untilWaiting(page, 'sync', 10, 60);
      await untilWaiting(page, 'sync', 0, 0);
      while ((await framesOfTwoSeconds(page)).length > 0);
      pictures.push(await page.evaluate('document.querySelector("canvas").toDataURL()'));
      await page.close();
    }
    assert.ok(pictures[0] === pictures[1]);
  });

  test('axe finds nothing wrong with the stage, light or dark, with a worker’s card and the table open', async () => {
    for (const [width, colorScheme] of [
      [1280, 'light'],
      [360, 'dark'],
    ] as const) {
      const page = await open(`${FORTY_USERS}&refused=0.1`, { viewport: { width, height: 800 }, colorScheme });
      await page.locator('.stage-process').first().click();
      await page.locator('summary').click();
      assert.deepEqual(await violationsOn(page), []);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
      await page.close();
    }
  });
});

/** Waits until the figure beside a topology's name is within these limits. */
async function untilWaiting(page: Page, topology: string, least: number, most: number): Promise<void> {
  const figure = page.locator(`section[aria-label="${topology}"] .stage-waiting dd`);
  await figure.waitFor();
  const isWithin = ([element, low, high]: [Element, number, number]): boolean => {
    const waiting = Number(element.textContent?.replaceAll(',', ''));
    return waiting >= low && waiting <= high;
  };
  const within = [await figure.elementHandle(), least, most] as [never, number, number];
  await page.waitForFunction(isWithin, within, { timeout: 30_000 });
}

/** Dots that were drawn in each frame of two seconds, and milliseconds that they took. */
function framesOfTwoSeconds(page: Page): Promise<[dots: number, tookMs: number][]> {
  return page.evaluate(async () => {
    const { takeFrames } = globalThis as unknown as { takeFrames: () => [dots: number, tookMs: number][] };
    takeFrames();
    await new Promise(resolve => {
      setTimeout(resolve, 2000);
    });
    return takeFrames();
  });
}
