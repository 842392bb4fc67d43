/**
 * A program: plays the guided tour on a stack that is up, and keeps what is seen of each step, light, dark and narrow:
 * `npm run docs:dashboard` writes `docs/images/tour-c1-light.png` and the others, and `stage-light.png` beside them.
 * Two sizes side by side are seen after `./loadline up hybrid hybrid:databaseConnections=8` with
 * `--stage-only --url 'http://127.0.0.1:8080/?topologies=hybrid'`.
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
    'stage-only': { type: 'boolean', default: false },
  },
});
const { url, to } = values;

const looks = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 860 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 860 } },
  narrow: { colorScheme: 'light', viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 },
} as const;
type Look = keyof typeof looks;

/** Milliseconds until a queue is to be seen, and until a page that was just opened has its dots. */
const QUEUE_MS = 12_000;
const DOTS_MS = 4000;
const STEP_MS = 60_000;

const browser = await openBrowser();
try {
  // Sends the load of the first settings again.
  const driver = await opened('light');
  await driver.getByRole('spinbutton', { name: 'Arrival rate' }).press('Enter');
  await driver.waitForTimeout(QUEUE_MS);
  await keep('stage', driver);
  if (!values['stage-only']) await tour(driver);
} finally {
  await browser.close();
}

/** Every step, as it is when it has been measured. */
async function tour(driver: Page): Promise<void> {
  await driver.getByRole('button', { name: 'Take the tour' }).click();
  await using watcher = await Watcher.listen(url, false);
  const now = () => watcher.state?.tour;
  for (const [index, step] of tourSteps.entries()) {
    await driver.getByRole('group', { name: /\?$/ }).getByRole('radio').first().check();
    await driver.getByRole('button', { name: 'Show me' }).click();
    await watcher.until(() => now()?.step === step && now()?.phase === 'measured', STEP_MS / 1000);
    process.stdout.write(`${step}: ${now()?.outcome?.sentence}\n`);
    await keep(`tour-${step.toLowerCase()}`, driver);
    if (index < tourSteps.length - 1) await driver.getByRole('button', { name: 'Next' }).click();
  }
  await driver.getByRole('button', { name: 'End the tour' }).click();
}

/** In light from the first page, and otherwise from one that is opened for the picture: drawing takes CPU time from what is measured. */
async function keep(name: string, driver: Page): Promise<void> {
  await picture(name, 'light', driver);
  for (const look of ['dark', 'narrow'] as const) {
    const page = await opened(look);
    if (name === 'stage') await page.waitForTimeout(DOTS_MS);
    await picture(name, look, page);
    await page.close();
  }
}

async function picture(name: string, look: Look, page: Page): Promise<void> {
  if (name !== 'stage') {
    const outcome = page.locator('.tour-outcome');
    await outcome.waitFor();
    if (look === 'narrow') await outcome.scrollIntoViewIfNeeded();
  }
  await page.screenshot({ path: join(to, `${name}-${look}.png`) });
}

async function opened(look: Look): Promise<Page> {
  const page = await browser.newPage(looks[look]);
  page.setDefaultTimeout(STEP_MS);
  await page.goto(url);
  await page.locator('.stage-canvas').waitFor();
  return page;
}
