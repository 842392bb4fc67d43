import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { DashboardProcess } from '../dashboard/page/testdata/dashboard-process.ts';
import { openBrowser } from '../dashboard/testdata/browser.ts';
import { seededRandom } from '../lab/analysis/seeded.ts';
import { buildPage } from '../lab/runtime/local/page.ts';

/**
 * How long a slider of the page "Plan" takes to answer, from its input event until the answer is painted, over 50 moves
 * with a run's model: `node bench/plan-slider.ts FOLDER`. CHROMIUM says where the browser is when it is not where Debian
 * puts it.
 */
const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('Which run? node bench/plan-slider.ts runs/latest');
const model = readFileSync(join(folder, 'model.json'), 'utf8');
const RUN = '2026-11-27T090515-bench';
const MOVES = 50;
const sliders = ['Arrival rate', 'Growth', 'Headroom', 'CPUs of a machine', 'Database wait'] as const;

await buildPage({ root: join(import.meta.dirname, '..'), signal: AbortSignal.timeout(60_000), say: () => {} });
const browser = await openBrowser();
await using dashboard = await DashboardProcess.start();
try {
  const run = join(dashboard.runs, RUN);
  mkdirSync(run);
  writeFileSync(join(run, 'trials.jsonl'), '');
  writeFileSync(join(run, 'model.json'), model);
  process.stdout.write(`load of the machine beforehand: ${(loadavg()[0] ?? 0).toFixed(1)}\n`);
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${dashboard.address}/?plan=${RUN}&extrapolate=yes`);
  await page.locator('.plan-answer[data-by="simulation"]').waitFor();
  // A browser compiles what it runs often; somebody who has just opened the page feels it.
  print('the first 50 moves', await movesOf(page, 1));
  print('50 more', await movesOf(page, 2));
} finally {
  await browser.close();
}

async function movesOf(page: Page, seed: number): Promise<Move[]> {
  const random = seededRandom(seed, 0);
  const moves: Move[] = [];
  for (let index = 0; index < MOVES; index += 1) {
    const name = sliders[index % sliders.length] ?? sliders[0];
    moves.push(await page.evaluate(move, [name, random()] as const));
  }
  return moves;
}

function print(name: string, moves: readonly Move[]): void {
  const at = (fraction: number, of: (one: Move) => number): string => {
    const sorted = moves.map(of).sort((one, other) => one - other);
    return (sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? 0).toFixed(1);
  };
  const [computed, painted] = [(one: Move) => one.computed, (one: Move) => one.painted];
  process.stdout.write(
    `${name}: milliseconds until the answer is painted median ${at(0.5, painted)}, p99 ${at(0.99, painted)}; ` +
      `until it stands in the page median ${at(0.5, computed)}, p99 ${at(0.99, computed)}\n`,
  );
}

/** Milliseconds from the input event. */
interface Move {
  /** Until the page's own work is done. */
  readonly computed: number;
  /** Until the frame with it is painted. */
  readonly painted: number;
}

/** Runs in the page: moves a slider to a part of its way. */
function move([name, part]: readonly [name: string, part: number]): Promise<Move> {
  const slider = document.querySelector<HTMLInputElement>(`input[type="range"][aria-label="${name}"]`);
  const answer = document.querySelector('.plan');
  if (slider === null || answer === null) throw new Error(`there is no slider ${name}`);
  let place = Math.round(part * Number(slider.max));
  if (place === Number(slider.value)) place = place === 0 ? 1 : place - 1;
  return new Promise(resolve => {
    let computed = 0;
    // Until it has come to rest after an earlier move, its frames are of that one.
    requestAnimationFrame(() => {
      const began = performance.now();
      const changes = new MutationObserver(() => {
        computed = performance.now() - began;
      });
      changes.observe(answer, { subtree: true, childList: true, characterData: true, attributes: true });
      slider.value = String(place);
      slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
      requestAnimationFrame(() => {
        const painting = new MessageChannel();
        painting.port1.onmessage = () => {
          changes.disconnect();
          resolve({ computed, painted: performance.now() - began });
        };
        // After this frame's layout and paint.
        painting.port2.postMessage(undefined);
      });
    });
  });
}
