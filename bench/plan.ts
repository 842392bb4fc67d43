/**
 * How long `./loadline plan` takes from its start to its end, as a user waits for it.
 *
 *   node bench/plan.ts RUN [--times 10]
 *
 * Ends with 1 where the median is over two seconds.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { times: { type: 'string', default: '10' } },
});
const WANTED = 2;
const run = positionals[0] ?? 'latest';
const questions = [
  ['--arrival-rate', '200', '--p99', '250ms'],
  ['--arrival-rate', '600', '--database-connections', '100', '--headroom', '0.2'],
  ['--arrival-rate', '300', '--growth', '2', '--what-if', 'database-wait=2x', '--what-if', 'cpus=4'],
  ['--arrival-rate', '300', '--topology', 'sync', '--sweep', 'processes=1..16'],
];

let slow = false;
for (const question of questions) {
  const seconds = Array.from({ length: Number(values.times) }, () => answered(question)).sort((a, b) => a - b);
  const median = seconds[Math.floor(seconds.length / 2)] ?? Number.NaN;
  slow ||= median > WANTED;
  process.stdout.write(
    `${median.toFixed(2)} s median, ${(seconds.at(-1) ?? Number.NaN).toFixed(2)} s at most of ${seconds.length}: plan ${question.join(' ')}\n`,
  );
}
process.exitCode = slow ? 1 : 0;

function answered(question: readonly string[]): number {
  const began = performance.now();
  const { status, stderr } = spawnSync('./loadline', ['plan', run, ...question], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
  });
  // 99: nothing meets the objective, which is an answer too.
  if (status !== 0 && status !== 99) throw new Error(`plan ${question.join(' ')} ended with ${status}: ${stderr}`);
  return (performance.now() - began) / 1000;
}
