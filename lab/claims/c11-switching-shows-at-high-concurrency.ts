import { deploymentOf, deploymentWith } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import { withInterval } from '../../model/quantities.ts';
import type { Claim, Evidence } from './claim.ts';
import { byBlock, combined, decided, differenceOf, figure, meanOver, unmeasured } from './evidence.ts';
import { openPart, waitOf } from './parts.ts';

/** Requests in progress, each with the threads that hold them even when chance makes them more. */
const LEVELS = [
  { concurrency: 8, threads: 20 },
  { concurrency: 32, threads: 52 },
  { concurrency: 128, threads: 164 },
] as const;
const LOWEST = LEVELS[0];
const HIGHEST = LEVELS[2];
const ARRIVAL_RATE = 200;
const kinds = ['threads', 'async-express'] as const;
type Kind = (typeof kinds)[number];

/** CPU per request of one process at equal arrival rate, its requests waiting for longer and longer: N = λ × wait. */
export const c11: Claim = {
  id: 'C11',
  blocksEach: 2,
  claim:
    'Switching by a good loop is cheaper than by the operating system, but it takes very high concurrency to see it.',
  cells: () => [],
  parts: () =>
    LEVELS.flatMap(level =>
      kinds.map(kind =>
        openPart(partName(kind, level.concurrency), cellOf(kind, level), ARRIVAL_RATE, 4, { warmUp: 1.5 }),
      ),
    ),
  judge(evidence) {
    const low = moreCpu(LOWEST.concurrency, evidence);
    const high = moreCpu(HIGHEST.concurrency, evidence);
    const growth = differenceOf(high, low);
    const figures = [
      ...LEVELS.map(({ concurrency }) =>
        figure(
          `${concurrency} in progress: CPU per request, threads − async-express`,
          's',
          meanOver(moreCpu(concurrency, evidence)),
        ),
      ),
      figure(`the difference, at ${HIGHEST.concurrency} − at ${LOWEST.concurrency}`, 's', growth),
      ...LEVELS.flatMap(({ concurrency }) =>
        kinds.map(kind =>
          figure(
            `${concurrency} in progress: context switches per request, ${kind}`,
            '',
            meanOver(byBlock(evidence, 'C11', partName(kind, concurrency), switchesOf)),
          ),
        ),
      ),
    ].filter(({ estimate }) => Number.isFinite(estimate));
    const verdict = decided(growth, { from: 0 });
    if (verdict === 'unmeasured') return unmeasured(evidence, 'C11', figures);
    const inMs = (values: typeof low) => withInterval(meanOver(combined([values], ([seconds]) => seconds * 1000)));
    const sentence =
      `A request takes ${inMs(low)} ms more CPU on threads than on a loop at ${LOWEST.concurrency} in progress and ` +
      `${inMs(high)} ms more at ${HIGHEST.concurrency}: the difference grows by ${inMs(combined([high, low], ([one, other]) => one - other))} ms.`;
    return { verdict, sentence, figures };
  },
};

/** CPU seconds that a request takes on threads beyond those on a loop. */
function moreCpu(concurrency: number, evidence: Evidence) {
  const [threads, loop] = [demand('threads'), demand('async-express')];
  return combined([threads, loop], ([one, other]) => one - other);

  function demand(kind: Kind) {
    return byBlock(evidence, 'C11', partName(kind, concurrency), one => one.serviceDemand.workers);
  }
}

function switchesOf({ contextSwitches }: Measurement): number {
  return !contextSwitches ? Number.NaN : contextSwitches.voluntary + contextSwitches.involuntary;
}

function cellOf(kind: Kind, { concurrency, threads }: (typeof LEVELS)[number]): Cell {
  const { [kind]: deployment } = {
    threads: deploymentWith('threads', threads),
    'async-express': deploymentOf('async-express', 1, { databaseConnections: HIGHEST.threads }),
  };
  return { deployment, workload: waitOf((1000 * concurrency) / ARRIVAL_RATE) };
}

function partName(kind: Kind, concurrency: number): string {
  return `${kind} ${concurrency}`;
}
