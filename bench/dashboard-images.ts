/**
 * A program: plays the guided tour on a stack that is up, and keeps what is seen of each step, light, dark and narrow:
 * `npm run docs:dashboard` writes `docs/images/tour-c1-light.png` and the others, and `stage-light.png` beside them.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { tourSteps } from '../dashboard/protocol.ts';
import { openBrowser } from '../dashboard/testdata/browser.ts';
import { Watcher } from '../dashboard/testdata/watcher.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    to: { type: 'string', default: join(import.meta.dirname, '../docs/images') },
  },
});
const { url, to } = values;

const looks = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 },
} as const;
type Look = keyof typeof looks;

/** Milliseconds until a queue is to be seen, and until the charts have something to show. */
const QUEUE_MS = 12_000;
const STEP_MS = 60_000;

const browser = await openBrowser();
try {
  const pages = new Map<Look, Page>();
  for (const [look, options] of Object.entries(looks) as [Look, (typeof looks)[Look]][]) {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(STEP_MS);
    await page.goto(url);
    await page.locator('.stage-canvas').waitFor();
    pages.set(look, page);
  }
  const [driver] = pages.values();
  if (driver === undefined) throw new Error('there is no page');

  // The first page that asks for something drives; the others see what it sees.
  await driver.getByRole('spinbutton', { name: 'Arrival rate' }).press('Enter');
  await driver.waitForTimeout(QUEUE_MS);
  await keep('stage', pages);

  await driver.getByRole('button', { name: 'Take the tour' }).click();
  await using watcher = await Watcher.listen(url, false);
  for (const [index, step] of tourSteps.entries()) {
    await driver.getByRole('group', { name: /\?$/ }).getByRole('radio').first().check();
    await driver.getByRole('button', { name: 'Show me' }).click();
    const tour = () => watcher.state?.tour;
    await watcher.until(() => (tour()?.progress ?? 0) > 0.6 || tour()?.phase === 'measured', STEP_MS / 1000);
    await watcher.until(() => tour()?.phase === 'measured', STEP_MS / 1000);
    process.stdout.write(`${step}: ${tour()?.outcome?.sentence}\n`);
    await keep(`tour-${step.toLowerCase()}`, pages);
    if (index < tourSteps.length - 1) await driver.getByRole('button', { name: 'Next' }).click();
  }
  await driver.getByRole('button', { name: 'End the tour' }).click();
} finally {
  await browser.close();
}

async function keep(name: string, pages: ReadonlyMap<Look, Page>): Promise<void> {
  for (const [look, page] of pages) {
    if (name !== 'stage') await page.locator('.tour-outcome').waitFor();
    await page.screenshot({ path: join(to, `${name}-${look}.png`) });
  }
}
