import { deploymentOf } from '../../model/deployment.ts';
import { type Measurement, requireTold } from '../../model/measurement.ts';
import { withInterval } from '../../model/quantities.ts';
import { inServiceTimes } from './burst.ts';
import type { Claim } from './claim.ts';
import { allOf, byBlock, decided, figure, meanOver, unmeasured } from './evidence.ts';
import { loadedPart, waitOf } from './parts.ts';

const WORKERS = 4;
const REQUESTS = 100;
const WAVES = REQUESTS / WORKERS;
/** Seconds that one request waits: long against what it takes to connect and compute a hundred times. */
const WAIT = 0.8;
const BURST = { model: 'burst', requests: REQUESTS } as const;

/** A hundred requests at the same instant, on a pool of four blocking workers and on four event loops. */
export const c2: Claim = {
  id: 'C2',
  claim:
    'Of 100 simultaneous requests a pool of 4 serves 4 at a time; the hybrid on 4 loops takes all 100 at once, 25 a worker.',
  cells: () => [],
  parts() {
    const workload = waitOf(WAIT * 1000);
    const pool = deploymentOf('sync', WORKERS);
    const loops = deploymentOf('hybrid', WORKERS, { databaseConnections: 104 });
    const phases = { warmUp: 0, timeLimit: 2 * WAVES * WAIT };
    return [
      loadedPart('pool', { deployment: pool, workload }, BURST, { ...phases, steadyState: 1.2 * WAVES * WAIT }),
      loadedPart('loops', { deployment: loops, workload }, BURST, { ...phases, steadyState: 4 * WAIT }),
    ];
  },
  judge(evidence) {
    const over = (part: string, read: (measurement: Measurement) => number) =>
      meanOver(byBlock(evidence, 'C2', part, read));
    const waves = over('pool', one => inServiceTimes(one, REQUESTS));
    const least = over('loops', one => Math.min(...heldAtOnce(one)));
    const most = over('loops', one => Math.max(...heldAtOnce(one)));
    const last = over('loops', one => inServiceTimes(one, REQUESTS));
    const figures = [
      figure('waves of the pool', 'service times', waves),
      figure('requests in progress of the loop with fewest', '', least),
      figure('requests in progress of the loop with most', '', most),
      figure('last response of the loops', 'service times', last),
    ];
    const verdict = allOf([
      decided(waves, { from: WAVES - 0.5, to: WAVES + 0.5 }),
      decided(least, { from: WAVES - 3, to: WAVES + 3 }),
      decided(most, { from: WAVES - 3, to: WAVES + 3 }),
      decided(last, { from: 0.5, to: 1.5 }),
    ]);
    if (verdict === 'unmeasured') return unmeasured(evidence, 'C2', figures);
    const sentence =
      `The pool worked through ${REQUESTS} requests in ${withInterval(waves)} service times; the loops held from ` +
      `${withInterval(least)} to ${withInterval(most)} of them each, and had answered all after ${withInterval(last)}.`;
    const { cpus } = evidence.experiment;
    if (cpus >= WORKERS) return { verdict, sentence, figures };
    return { verdict, sentence, figures, instead: `Four workers and four loops shared ${cpus} CPUs.` };
  },
};

function heldAtOnce(measurement: Measurement): number[] {
  return requireTold(measurement).workers.map(({ inProgress }) => inProgress.most);
}
