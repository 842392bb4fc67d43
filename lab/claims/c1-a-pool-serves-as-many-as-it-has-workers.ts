import { deploymentOf } from '../../model/deployment.ts';
import { withInterval } from '../../model/quantities.ts';
import { inServiceTimes } from './burst.ts';
import type { Claim } from './claim.ts';
import { allOf, byBlock, decided, figure, meanOver, unmeasured } from './evidence.ts';
import { loadedPart, waitOf } from './parts.ts';

const WORKERS = 4;

/** Five clients at once on four blocking workers, of whom each keeps a worker for 200 ms. */
export const c1: Claim = {
  id: 'C1',
  claim: 'A pool of W blocking workers serves W requests at once; the W+1st waits for a whole service.',
  cells: () => [],
  parts: () => [
    loadedPart(
      'burst',
      { deployment: deploymentOf('sync', WORKERS), workload: waitOf(200) },
      { model: 'burst', requests: WORKERS + 1 },
      { warmUp: 0, steadyState: 1, timeLimit: 5 },
    ),
  ],
  judge(evidence) {
    const after = (place: number) => meanOver(byBlock(evidence, 'C1', 'burst', one => inServiceTimes(one, place)));
    const first = after(1);
    const lastAtOnce = after(WORKERS);
    const next = after(WORKERS + 1);
    const figures = [
      figure(`the response of ${WORKERS} that came last`, 'service times', lastAtOnce),
      figure(`response ${WORKERS + 1}`, 'service times', next),
    ];
    // About one is what is nearer to one than to two: nginx, k6 and a CPU that is shared take their part.
    const verdict = allOf([
      decided(first, { from: 0.5 }),
      decided(lastAtOnce, { to: 1.5 }),
      decided(next, { from: 1.5, to: 2.5 }),
    ]);
    if (verdict === 'unmeasured') return unmeasured(evidence, 'C1', figures);
    const sentence =
      `Of ${WORKERS + 1} requests at once, ${WORKERS} workers had answered ${WORKERS} after ` +
      `${withInterval(lastAtOnce)} service times and the last one after ${withInterval(next)}.`;
    return { verdict, sentence, figures };
  },
};
