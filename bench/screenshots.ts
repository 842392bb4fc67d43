import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { renderReport } from '../lab/report/html/page.ts';
import { buildReport } from '../lab/report/report.ts';
import { readTrials } from '../lab/run/trials-file.ts';

/**
 * Pictures of a run's report in light, in dark and on a telephone, in docs/images: `node bench/screenshots.ts FOLDER`.
 * CHROMIUM says where the browser is when it is not where Debian puts it.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Which run? node bench/screenshots.ts runs/latest');
const images = join(import.meta.dirname, '../docs/images');
mkdirSync(images, { recursive: true });

const page = renderReport(buildReport(readTrials(join(folder, 'trials.jsonl'))));
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  for (const [name, width, height, colorScheme] of [
    ['light', 1160, 2400, 'light'],
    ['dark', 1160, 2400, 'dark'],
    ['narrow', 360, 1720, 'light'],
  ] as const) {
    const tab = await browser.newPage({ viewport: { width, height }, colorScheme });
    await tab.setContent(page);
    const path = join(images, `report-${name}.png`);
    await tab.screenshot({ path });
    process.stdout.write(`${path}\n`);
    await tab.close();
  }
} finally {
  await browser.close();
}
