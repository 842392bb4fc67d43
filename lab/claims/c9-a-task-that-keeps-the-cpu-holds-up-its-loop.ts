import type { Workload } from '../../model/experiment.ts';
import { quantile } from '../../model/histogram.ts';
import type { Measurement } from '../../model/measurement.ts';
import { withInterval } from '../../model/quantities.ts';
import type { Claim } from './claim.ts';
import { byBlock, decided, figure, ratioOf, unmeasured } from './evidence.ts';
import { openPart, perCpu, plain } from './parts.ts';

/** The rest of the topologies are combinations of these. */
const TOPOLOGIES = ['async', 'hybrid', 'sync', 'threads'] as const;

/** Arrivals a second. */
const LIGHT = 100;
const HEAVY = 0.5;
const HEAVY_SHARE = HEAVY / (LIGHT + HEAVY);

const withHeavy: Workload = {
  name: 'plain-and-heavy',
  requests: [
    { weight: LIGHT, route: 'plain', parameters: {} },
    { weight: HEAVY, route: 'cpu', parameters: { cpuSeconds: 0.2 } },
  ],
};

/** Requests without work at a steady rate, alone and beside one request every two seconds that computes for 200 ms. */
export const c9: Claim = {
  id: 'C9',
  claim: 'A task that keeps the CPU holds up every other task of its loop.',
  cells: () => [],
  parts: ({ experiment }) =>
    TOPOLOGIES.flatMap(topology => {
      const deployment = perCpu(topology, experiment);
      return [
        openPart(`${topology} alone`, { deployment, workload: plain }, LIGHT, 4),
        openPart(`${topology} beside`, { deployment, workload: withHeavy }, LIGHT + HEAVY, 8),
      ];
    }),
  judge(evidence) {
    const ratios = TOPOLOGIES.map(topology => {
      const alone = byBlock(evidence, 'C9', `${topology} alone`, one => quantile(one.responseTime, 0.99));
      const beside = byBlock(evidence, 'C9', `${topology} beside`, lightAtLeast);
      return { topology, ratio: ratioOf(beside, alone) };
    });
    const figures = ratios.flatMap(({ topology, ratio }) =>
      Number.isFinite(ratio.estimate)
        ? [figure(`${topology}: p99 of the light requests, beside heavy ones ÷ alone`, '', ratio)]
        : [],
    );
    const [async, ...others] = ratios;
    const verdict = async === undefined ? 'unmeasured' : decided(async.ratio, { from: 2 });
    if (async === undefined || verdict === 'unmeasured') return unmeasured(evidence, 'C9', figures);
    const beside = others.map(({ topology, ratio }) => `${topology} ${withInterval(ratio)}`).join(', ');
    const sentence = `Beside the heavy requests the light ones' p99 is ${withInterval(async.ratio)} times as long on async (the line: 2); ${beside}.`;
    return { verdict, sentence, figures };
  },
};

/**
 * The p99 of the light requests is this or more. The histogram holds n responses, of which h were heavy ones. Of the
 * light ones 0.99 (n − h) do not exceed their p99, so that it is not below the response that is the 0.99 (n − h)th of
 * all; where all heavy ones are slower it is just that response. h is Poisson: taken three deviations above its mean,
 * so that the figure errs on the low side.
 */
export function lightAtLeast({ responseTime }: Measurement): number {
  const expected = HEAVY_SHARE * responseTime.count;
  const heavy = Math.min(responseTime.count, expected + 3 * Math.sqrt(expected));
  return quantile(responseTime, (0.99 * (responseTime.count - heavy)) / responseTime.count);
}
