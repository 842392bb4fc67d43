import { loadavg } from 'node:os';
import { serveStage } from '../dashboard/page/stage/testdata/stage-server.ts';
import { openBrowser } from '../dashboard/testdata/browser.ts';
import { mean } from '../model/statistics.ts';

/**
 * How many frames a second the stage is drawn with while 300 and 1,000 dots are on it, over 20 s in a browser without a
 * graphics card: `node bench/stage-frames.ts [SECONDS]`. CHROMIUM says where the browser is when it is not where Debian
 * puts it.
 */
const seconds = Number(process.argv[2] ?? 20);

/** Users who ask again at once, of whom each is a dot, and what of each topology they make of them. */
const plays = [
  { dots: 300, query: 'topologies=sync,hybrid&arrivalRate=0&users=75&wait=0.4&connections=200' },
  { dots: 1000, query: 'topologies=sync,threads,async,hybrid&arrivalRate=0&users=150&wait=0.4&connections=300' },
] as const;

await using server = await serveStage();
const browser = await openBrowser();
try {
  process.stdout.write(`load of the machine beforehand: ${(loadavg()[0] ?? 0).toFixed(1)}\n`);
  for (const { dots, query } of plays) await measure(dots, query);
} finally {
  await browser.close();
}

async function measure(dots: number, query: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(server.addressOf(query));
  // The replay's delay, and until all have come to where they stay.
  await page.evaluate(record, 4);
  const { gaps, drawn, took } = await page.evaluate(record, seconds);
  await page.close();
  const sorted = gaps.toSorted((one, other) => one - other);
  const at = (fraction: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))] ?? 0).toFixed(1);
  const total = mean(gaps) * gaps.length;
  process.stdout.write(
    `${dots} dots (${mean(drawn).toFixed(0)} drawn): ${((drawn.length / total) * 1000).toFixed(1)} frames/s over ` +
      `${(total / 1000).toFixed(0)} s; milliseconds between frames p50 ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, ` +
      `max ${at(1)}; of these the stage's own work ${mean(took).toFixed(2)}\n`,
  );
}

/** Runs in the page: milliseconds between frames; dots that were drawn in each, and milliseconds that they took. */
function record(duration: number): Promise<{ gaps: number[]; drawn: number[]; took: number[] }> {
  const { takeFrames } = globalThis as unknown as { takeFrames: () => [dots: number, tookMs: number][] };
  takeFrames();
  const began = performance.now();
  const gaps: number[] = [];
  return new Promise(resolve => {
    let last = began;
    const frame = (): void => {
      const now = performance.now();
      gaps.push(now - last);
      last = now;
      if (now - began < duration * 1000) {
        requestAnimationFrame(frame);
        return;
      }
      const frames = takeFrames();
      resolve({ gaps, drawn: frames.map(([dots]) => dots), took: frames.map(([, tookMs]) => tookMs) });
    };
    requestAnimationFrame(frame);
  });
}
