/**
 * Whether equal cells of repeated runs agree: for every two runs that have a cell in common, the ratio of its two
 * capacities with its interval, which should hold 1 in 95 of 100 pairs; and how wide the intervals of each run are.
 *
 *   node bench/repeats.ts RUN RUN [RUN …]
 */
import { resolve } from 'node:path';
import { compareResults, type Results } from '../lab/compare/comparison.ts';
import { commonCells, compareRuns } from '../lab/compare/difference.ts';

import { readTrials } from '../lab/run/trials-file.ts';
import { percentTo } from '../model/quantities.ts';
import { median } from '../model/statistics.ts';

/** The part of the pairs that must agree. */
const WANTED = 0.9;
/** The half-width that the intervals of a quick comparison may have in the median. */
const WIDEST = 0.12;

interface Run extends Results {
  readonly name: string;
}

interface Pair {
  readonly cell: string;
  readonly of: string;
  readonly to: string;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const runs = process.argv
  .slice(2)
  .map((folder): Run => ({ name: folder, ...readTrials(resolve(folder, 'trials.jsonl')) }));
if (runs.length < 2) throw new RangeError('give the folders of two runs at least');

for (const run of runs) {
  const widths = halfWidths(run);
  print(
    `${run.name}: half-width ${percentTo(median(widths), 1)} in the median of ${widths.length} intervals, ${percentTo(Math.max(...widths), 1)} at most`,
  );
}
const widths = runs.filter(({ experiment }) => experiment.name === 'quick').flatMap(halfWidths);
const pairs = runs.flatMap((after, index) => runs.slice(0, index).flatMap(before => pairCells(before, after)));
const agreeing = pairs.filter(({ low, high }) => low <= 1 && 1 <= high);
for (const { cell, of, to, estimate, low, high } of pairs) {
  const verdict = low <= 1 && 1 <= high ? '' : '  does not hold 1';
  print(`${cell}: ${of} ÷ ${to} = ${estimate.toFixed(3)} [${low.toFixed(3)}, ${high.toFixed(3)}]${verdict}`);
}
const share = agreeing.length / pairs.length;
print(
  `\n${agreeing.length} of ${pairs.length} pairs (${percentTo(share, 1)}) hold 1; wanted: ${percentTo(WANTED, 1)}.`,
);
print(
  `Quick comparisons: half-width ${percentTo(median(widths), 1)} in the median of ${widths.length} intervals; wanted: ${percentTo(WIDEST, 1)}.`,
);
if (share < WANTED || median(widths) > WIDEST) process.exitCode = 1;

function pairCells(before: Run, after: Run): Pair[] {
  if (commonCells({ before, after }).length === 0) return [];
  const difference = compareRuns({ before, after }, 0);
  if (difference.state === 'refused')
    throw new RangeError(`${before.name}, ${after.name}: ${difference.reasons.join(' ')}`);
  return difference.cells.flatMap(({ cell, ratio }) =>
    ratio === undefined ? [] : [{ cell, of: after.name, to: before.name, ...ratio }],
  );
}

function halfWidths(run: Results): number[] {
  return compareResults(run).cells.flatMap(({ capacity }) =>
    capacity.state === 'bracketed' ? [Math.sqrt(capacity.high / capacity.low) - 1] : [],
  );
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
