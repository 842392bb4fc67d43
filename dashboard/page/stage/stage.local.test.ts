import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { openBrowser, violationsOn, withoutBrowser } from '../../testdata/browser.ts';
import { StageServer } from './testdata/stage-server.ts';

describe('the stage in a browser', { skip: withoutBrowser }, () => {
  let server: StageServer;
  let browser: Browser;
  before(async () => {
    server = await StageServer.start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser.close();
    await server[Symbol.asyncDispose]();
  });

  /** Users who ask again at once: two blocking workers take two of forty, event loops all. */
  const FORTY_USERS = 'topologies=sync,hybrid&arrivalRate=0&users=40&wait=0.2';

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
    return page;
  }

  /** Waits until the figure beside a topology's name is within these limits. */
  async function untilWaiting(page: Page, topology: string, least: number, most: number): Promise<void> {
    const figure = page.locator(`section[aria-label="${topology}"] dl div`, { hasText: 'waiting' }).locator('dd');
    await figure.waitFor();
    const isWithin = ([element, low, high]: [Element, number, number]): boolean => {
      const waiting = Number(element.textContent?.replaceAll(',', ''));
      return waiting >= low && waiting <= high;
    };
    await page.waitForFunction(isWithin, [await figure.elementHandle(), least, most] as [never, number, number], {
      timeout: 30_000,
    });
  }

  test('of forty users two blocking workers serve two and the rest wait, where two event loops serve all', async () => {
    const page = await open(FORTY_USERS);
    await untilWaiting(page, 'sync', 30, 40);
    await untilWaiting(page, 'hybrid', 0, 2);
    await page.close();
  });

  test('two sizes of a topology have a lane each, with their sizes as names and lines of their own', async () => {
    const page = await open('topologies=hybrid,hybrid:2&arrivalRate=0&users=40&wait=0.2');
    const names = page.locator('.stage-caption h3');
    await names.nth(1).waitFor();
    assert.deepEqual(await names.allTextContents(), ['hybrid 2×1, 40 connections', 'hybrid 2×1, 2 connections']);
    const lines = await names
      .locator('line')
      .evaluateAll(all =>
        all.map(line => [line.getAttribute('stroke'), line.getAttribute('stroke-dasharray')].join(' ')),
      );
    assert.equal(new Set(lines).size, 2);
    assert.equal(await page.locator('.stage-lane').count(), 2);
    assert.deepEqual(await violationsOn(page), []);
    await page.close();
  });

  test('with the keyboard alone a worker is looked at and ended, and the stage shows it gone', async () => {
    const page = await open(FORTY_USERS);
    await page.locator('.stage-process').first().waitFor();
    await page.locator('summary').click();
    await page.locator('section[aria-label="sync"] .stage-process').first().focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const card = page.getByRole('group', { name: 'worker sync-2.1', exact: true });
    await card.getByText('database connection').waitFor();
    await page.keyboard.press('Enter');
    const gone = page.locator('tr', { hasText: 'sync' }).first().locator('td').last();
    await page.waitForFunction(element => element?.textContent === '1', await gone.elementHandle(), {
      timeout: 30_000,
    });
    assert.equal(await page.evaluate('document.activeElement.getAttribute("aria-label")'), 'worker sync-2.1');
    await page.close();
  });

  test('who wants no motion sees numbers that change twice a second, and nothing that moves', async () => {
    const page = await open(FORTY_USERS, { reducedMotion: 'reduce' });
    await untilWaiting(page, 'sync', 30, 40);
    const frames = await framesOfTwoSeconds(page);
    assert.ok(frames.length >= 1 && frames.length <= 5, `${frames.length} frames in 2 s`);
    assert.ok(frames.every(([dots]) => dots === 0));
    await page.close();
  });

  test('while the tour measures the stage is drawn ten times a second at most, and says so', async () => {
    const page = await open(`${FORTY_USERS}&measuring`);
    await untilWaiting(page, 'sync', 30, 40);
    await page.getByText('drawn less often while the tour measures').waitFor();
    const frames = await framesOfTwoSeconds(page);
    assert.ok(frames.length >= 1 && frames.length <= 21, `${frames.length} frames in 2 s`);
    await page.close();
  });

  test('where nothing is sent nothing is drawn', async () => {
    const page = await open('topologies=sync,hybrid&arrivalRate=0');
    await untilWaiting(page, 'sync', 0, 0);
    await framesOfTwoSeconds(page);
    assert.deepEqual(await framesOfTwoSeconds(page), []);
    await page.close();
  });

  test('after the last answer the stage looks as one where nothing was ever sent', async () => {
    const page = await open('topologies=sync,hybrid&arrivalRate=0&burst=60&wait=0.1');
    await untilWaiting(page, 'sync', 10, 60);
    await untilWaiting(page, 'sync', 0, 0);
    await untilStill(page);
    const untouched = await open('topologies=sync,hybrid&arrivalRate=0');
    await untilWaiting(untouched, 'sync', 0, 0);
    await untilStill(untouched);
    const picture = (of: Page): Promise<string> => of.evaluate('document.querySelector("canvas").toDataURL()');
    assert.ok((await picture(page)) === (await picture(untouched)));
    await page.close();
    await untouched.close();
  });

  test('what is refused falls out of the picture, and nothing of it stays between two topologies', async () => {
    const page = await open('topologies=sync,hybrid&arrivalRate=300&wait=0.2&refused=0.5');
    await untilWaiting(page, 'sync', 500, 5000);
    await framesOfTwoSeconds(page);
    assert.deepEqual(await coloursBetweenLanes(page), { colours: 1 });
    await page.close();
  });

  test('from a phone to a projector nothing is wider than the page', async () => {
    const page = await open('topologies=sync,threads,sync-threads,async,hybrid,async-express&arrivalRate=50');
    await page.locator('.stage-process').first().waitFor();
    for (const width of [328, 360, 768, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      await page.waitForFunction(
        () => document.querySelector('canvas')?.width === document.querySelector('.stage-board')?.clientWidth,
      );
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width);
    }
    await page.close();
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
      await page.close();
    }
  });
});

/** Waits until nothing was drawn for two seconds. */
async function untilStill(page: Page): Promise<void> {
  for (let looks = 0; looks < 10; looks++) if ((await framesOfTwoSeconds(page)).length === 0) return;
  throw new Error('Something is drawn all the while');
}

/** How many colours the canvas has between the areas of the two lanes, from the clients to the workers. */
function coloursBetweenLanes(page: Page): Promise<{ colours: number }> {
  return page.evaluate(() => {
    const canvas = document.querySelector('canvas');
    const context = canvas?.getContext('2d');
    const [upper, lower] = [...document.querySelectorAll('.stage-lane')].map(lane => lane.getBoundingClientRect());
    if (!canvas || !context || !upper || !lower) throw new Error('Two topologies are on the stage');
    const top = upper.bottom + 16 - canvas.getBoundingClientRect().top;
    const { data } = context.getImageData(0, Math.ceil(top), canvas.width * 0.6, lower.top - upper.bottom - 33);
    return { colours: new Set(new Uint32Array(data.buffer)).size };
  });
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
