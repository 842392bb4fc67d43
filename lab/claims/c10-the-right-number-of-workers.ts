import { deploymentOf } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import { countOverObjective, meanOf } from '../../model/histogram.ts';
import { milliseconds, percent, type Seconds } from '../../model/quantities.ts';
import type { Interval } from '../../model/statistics.ts';
import { fewestServers, meanWait } from '../queueing/erlang-c.ts';
import { busyPerRequest } from '../search/saturation.ts';
import type { Claim, Decision, Evidence } from './claim.ts';
import { allOf, byBlock, completedOf, decided, figure, meanOver, unmeasured } from './evidence.ts';
import { openPart, waitOf } from './parts.ts';

/** 70 × 50 ms keep 3.6 workers busy: one too few is clearly too few, whatever the wait exactly takes. */
const ARRIVAL_RATE = 70;
const WAIT = waitOf(50);
const LOOK_WORKERS = 8;

/** Waiting against the number of blocking workers, around the number that Erlang C gives for the objective. */
export const c10: Claim = {
  id: 'C10',
  claim: 'The right number of workers for an expected load prevents or minimises waiting.',
  cells: () => [],
  look: () => [openPart('look', cellOf(LOOK_WORKERS), 20, 4)],
  parts: evidence => around(evidence).map(workers => openPart(partName(workers), cellOf(workers), ARRIVAL_RATE, 8)),
  judge(evidence) {
    const serviceTime = serviceTimeOf(evidence);
    const right = rightNumber(evidence);
    if (serviceTime === undefined || right === undefined) return unmeasured(evidence, 'C10');
    const { quantile } = evidence.experiment.objective;
    const steps = around(evidence).map(workers => {
      const over = meanOver(
        byBlock(evidence, 'C10', partName(workers), one => countOverObjective(one.responseTime) / one.scored),
      );
      const wait = meanOver(
        byBlock(evidence, 'C10', partName(workers), one => meanOf(one.responseTimeFromSend) - serviceTime),
      );
      return { workers, over, wait };
    });
    const figures = steps.flatMap(({ workers, over, wait }) =>
      Number.isFinite(over.estimate)
        ? [
            figure(`${workers} workers: requests over the objective`, 'fraction', over),
            figure(`${workers} workers: mean wait`, 's', wait),
          ]
        : [],
    );
    const overOf = (workers: number) => steps.find(step => step.workers === workers)?.over;
    const most = 1 - quantile;
    // The smallest that is enough lies within one of `right`: two fewer are too few, and one more is enough.
    const tooFew = right <= 2 ? 'supported' : decidedOf(overOf(right - 2), { from: most });
    const verdict = allOf([tooFew, decidedOf(overOf(right + 1), { to: most })]);
    if (verdict === 'unmeasured') return unmeasured(evidence, 'C10', figures);
    const measured = steps.find(({ over }) => over.estimate <= most)?.workers;
    const waits = steps.map(({ workers, over, wait }) => {
      const expected = waitOfPool(workers, serviceTime);
      return `${workers}: ${percent(Math.max(0, over.estimate))} over it, mean wait ${milliseconds(Math.max(0, wait.estimate))} ms (${expected})`;
    });
    const sentence =
      `For ${ARRIVAL_RATE}/s of ${milliseconds(serviceTime)} ms each Erlang C gives ${right} workers; the smallest ` +
      `that met the objective was ${measured ?? 'none of them'}. By workers: ${waits.join('; ')}.`;
    return { verdict, sentence, figures };
  },
};

/** The numbers of workers that are measured: two fewer than Erlang C's to one more. */
function around(evidence: Evidence): number[] {
  const right = rightNumber(evidence);
  return right === undefined ? [] : [right - 2, right - 1, right, right + 1].filter(workers => workers > 0);
}

/** Erlang C's smallest number with which few enough wait for longer than the objective leaves beside the service. */
function rightNumber(evidence: Evidence): number | undefined {
  const serviceTime = serviceTimeOf(evidence);
  const { quantile, responseTime } = evidence.experiment.objective;
  if (serviceTime === undefined || !(serviceTime < responseTime)) return undefined;
  const limit = { wait: responseTime - serviceTime, fraction: 1 - quantile };
  return fewestServers({ arrivalRate: ARRIVAL_RATE, serviceTime }, limit);
}

/** For how long a request keeps its worker, when nobody waits. */
function serviceTimeOf({ results }: Evidence): Seconds | undefined {
  const [look] = completedOf(results, 'C10', 'look');
  const seconds = look && busyPerRequest(look.measurement);
  return seconds !== undefined && seconds > 0 ? seconds : undefined;
}

function waitOfPool(servers: number, serviceTime: Seconds): string {
  if (servers <= ARRIVAL_RATE * serviceTime) return 'Erlang C: for ever';
  return `Erlang C: ${milliseconds(meanWait({ arrivalRate: ARRIVAL_RATE, serviceTime, servers }))} ms`;
}

function decidedOf(interval: Interval | undefined, line: { from?: number; to?: number }): Decision {
  return interval === undefined ? 'unmeasured' : decided(interval, line);
}

function cellOf(workers: number): Cell {
  return { deployment: deploymentOf('threads', 1, { threadsPerProcess: workers }), workload: WAIT };
}

function partName(workers: number): string {
  return `${workers} workers`;
}
