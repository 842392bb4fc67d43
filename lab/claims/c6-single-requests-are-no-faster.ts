import type { Cell, Experiment } from '../../model/experiment.ts';
import { withInterval } from '../../model/quantities.ts';
import { medianFromSend } from './c5-no-advantage-without-high-load.ts';
import type { Claim } from './claim.ts';
import { allOf, byBlock, decided, figure, ratioOf, unmeasured } from './evidence.ts';
import { item, loadedPart, openPart, perCpu } from './parts.ts';

/** Arrivals a second at which hardly anybody waits, of a request that takes about a millisecond. */
const EQUAL = 100;
const ALONE = { model: 'closed', users: 1, thinkTime: 0 } as const;

/** Single rows, by one client who asks for the next when it has the last, and at equal arrival rates. */
export const c6: Claim = {
  id: 'C6',
  blocksEach: 2,
  claim: 'Individual requests are no faster under async, and may be slightly slower.',
  cells: () => [],
  parts({ experiment }) {
    const sync = cellOf('sync', experiment);
    const loops = cellOf('async-express', experiment);
    return [
      loadedPart('alone sync', sync, ALONE, { steadyState: 3 }),
      loadedPart('alone async-express', loops, ALONE, { steadyState: 3 }),
      openPart('rate sync', sync, EQUAL, 4),
      openPart('rate async-express', loops, EQUAL, 4),
      // The same thing twice: what a comparison shows where there is nothing to show.
      openPart('rate sync again', sync, EQUAL, 4),
    ];
  },
  judge(evidence) {
    const median = (part: string) => byBlock(evidence, 'C6', part, medianFromSend);
    const alone = ratioOf(median('alone async-express'), median('alone sync'));
    const rate = ratioOf(median('rate async-express'), median('rate sync'));
    const twice = ratioOf(median('rate sync again'), median('rate sync'));
    const figures = [
      figure('async-express ÷ sync, median response time, one request at a time', '', alone),
      figure(`async-express ÷ sync, median response time at ${EQUAL}/s`, '', rate),
      figure(`A/A: sync ÷ sync, median response time at ${EQUAL}/s`, '', twice),
    ].filter(({ estimate }) => Number.isFinite(estimate));
    const verdict = allOf([alone, rate].map(ratio => decided(ratio, { from: 0.95 })));
    if (verdict === 'unmeasured') return unmeasured(evidence, 'C6', figures);
    const sentence =
      `A response of async-express takes ${withInterval(alone)} times as long as one of sync when they are asked for one at ` +
      `a time and ${withInterval(rate)} times at ${EQUAL}/s (the line: 0.95 and more); sync against itself: ${withInterval(twice)}.`;
    return { verdict, sentence, figures };
  },
};

function cellOf(topology: 'sync' | 'async-express', machine: Pick<Experiment, 'cpus'>): Cell {
  return { deployment: perCpu(topology, machine), workload: item };
}
