import { deploymentOf } from '../../model/deployment.ts';
import type { Cell, Workload } from '../../model/experiment.ts';
import { countOverObjective, meanOf, quantile } from '../../model/histogram.ts';
import { type Measurement, requireTold } from '../../model/measurement.ts';
import { milliseconds, percent, type Seconds, withInterval } from '../../model/quantities.ts';
import { fewestServers, meanWait } from '../queueing/erlang-c.ts';
import { busyPerRequest, findSaturation, holdPerRequest } from '../search/saturation.ts';
import { roughCapacity } from './capacity-claims.ts';
import {
  type Claim,
  claimPart,
  decide,
  type Evidence,
  figure,
  perCpu,
  ratioByBlock,
  shippedCell,
  shippedWorkload,
  waitWorkload,
} from './claim.ts';
import { ABOUT_THE_SAME, AT_ONCE } from './lines.ts';

const POOL = 4;

/** C1: five clients at once on four blocking workers, each of which is kept for 200 ms. */
export const poolServesItsWorkers: Claim = {
  parts: () => [
    claimPart(
      'burst',
      { deployment: deploymentOf('sync', POOL), workload: waitWorkload(200) },
      { model: 'burst', requests: POOL + 1 },
      1,
      { warmUp: 0, timeLimit: 5 },
    ),
  ],
  judge(evidence) {
    const after = (place: number) => evidence.mean('burst', one => responseInServiceTimes(one, place));
    const [lastAtOnce, next] = [after(POOL), after(POOL + 1)];
    return {
      // nginx, k6 and a shared CPU take some time: "about one" is what is nearer to one than to two.
      decisions: [decide(after(1), { from: 0.5 })],
      figures: [
        figure(`the response of ${POOL} that came last`, 'service times', lastAtOnce, { to: AT_ONCE }),
        figure(`response ${POOL + 1}`, 'service times', next, { from: AT_ONCE, to: 2.5 }),
      ],
      sentence:
        `Of ${POOL + 1} requests at once, ${POOL} workers had answered ${POOL} after ` +
        `${withInterval(lastAtOnce)} service times and the last one after ${withInterval(next)}.`,
    };
  },
};

const REQUESTS = 100;
const WAVES = REQUESTS / POOL;

/** C2: a hundred requests at the same instant, on a pool of four blocking workers and on four event loops. */
export const wavesOrAtOnce: Claim = {
  parts() {
    // Long against the time that a hundred requests take to connect and compute.
    const wait: Seconds = 0.8;
    const burst = { model: 'burst', requests: REQUESTS } as const;
    const workload = waitWorkload(wait * 1000);
    const phases = { warmUp: 0, timeLimit: 2 * WAVES * wait };
    const loops = deploymentOf('hybrid', POOL, { databaseConnections: 104 });
    return [
      claimPart('pool', { deployment: deploymentOf('sync', POOL), workload }, burst, 1.2 * WAVES * wait, phases),
      claimPart('loops', { deployment: loops, workload }, burst, 4 * wait, phases),
    ];
  },
  judge(evidence) {
    const heldAtOnce = (one: Measurement) => requireTold(one).workers.map(({ inProgress }) => inProgress.most);
    const waves = evidence.mean('pool', one => responseInServiceTimes(one, REQUESTS));
    const least = evidence.mean('loops', one => Math.min(...heldAtOnce(one)));
    const most = evidence.mean('loops', one => Math.max(...heldAtOnce(one)));
    const last = evidence.mean('loops', one => responseInServiceTimes(one, REQUESTS));
    const { cpus } = evidence.experiment;
    return {
      figures: [
        figure('waves of the pool', 'service times', waves, { from: WAVES - 0.5, to: WAVES + 0.5 }),
        figure('requests in progress of the loop with fewest', '', least, { from: WAVES - 3, to: WAVES + 3 }),
        figure('requests in progress of the loop with most', '', most, { from: WAVES - 3, to: WAVES + 3 }),
        figure('last response of the loops', 'service times', last, { from: 0.5, to: AT_ONCE }),
      ],
      sentence:
        `The pool worked through ${REQUESTS} requests in ${withInterval(waves)} service times; the loops held from ` +
        `${withInterval(least)} to ${withInterval(most)} of them each, and had answered all after ${withInterval(last)}.`,
      ...(cpus < POOL && { instead: `Four workers and four loops shared ${cpus} CPUs.` }),
    };
  },
};

/** When a response of a burst came, in times for which a request holds its connection; NaN if there were fewer. */
function responseInServiceTimes(measurement: Measurement, place: number): number {
  const times = (measurement.responses ?? []).map(({ responseTime }) => responseTime).sort((a, b) => a - b);
  return (times[place - 1] ?? Number.NaN) / holdPerRequest(measurement);
}

const BOTH = ['sync', 'async-express'] as const;

/** C5: response times at a tenth of the smaller capacity, on a wait and on a row that is read. */
export const noAdvantageWhenQuiet: Claim = {
  blocksEach: 2,
  cells: machine => BOTH.map(topology => shippedCell(topology, 'wait', machine)),
  // Only this claim needs the capacity on single rows: a light load tells it precisely enough.
  look: ({ experiment }) =>
    BOTH.map(topology => claimPart(`item look ${topology}`, shippedCell(topology, 'item', experiment), 20, 3)),
  parts(evidence) {
    const { experiment } = evidence;
    const capacities = BOTH.map(topology => roughCapacity(shippedCell(topology, 'wait', experiment), evidence));
    const saturations = BOTH.map(topology => {
      const [look] = evidence.completed(`item look ${topology}`);
      return look && findSaturation(look.trial, look.measurement, experiment.cpus)?.load;
    });
    const [waitRate = 0, itemRate = 0] = [capacities, saturations].map(
      loads => 0.1 * Math.min(...loads.map(load => load ?? Number.NaN)),
    );
    if (!(waitRate > 0 && itemRate > 0)) return [];
    return BOTH.flatMap(topology => [
      claimPart(`wait ${topology}`, shippedCell(topology, 'wait', experiment), waitRate, 5),
      claimPart(`item ${topology}`, shippedCell(topology, 'item', experiment), itemRate, 3),
    ]);
  },
  judge(evidence) {
    const [onWait, onItem] = [compareMedians('wait', evidence), compareMedians('item', evidence)];
    return {
      figures: [
        figure('async-express ÷ sync, median response time on wait', '', onWait, ABOUT_THE_SAME),
        figure('async-express ÷ sync, median response time on /items/:id', '', onItem, ABOUT_THE_SAME),
      ],
      sentence:
        `At a tenth of what the weaker one carries, a response of async-express takes ${withInterval(onWait)} times as long ` +
        `as one of sync on wait and ${withInterval(onItem)} times on /items/:id (the line: 0.9 to 1.1).`,
    };
  },
};

/** Arrivals a second at which hardly any request waits: it takes about a millisecond. */
const EQUAL = 100;

/** C6: single rows, by one client without pause, and at equal arrival rates. */
export const singleRequestsNoFaster: Claim = {
  blocksEach: 2,
  parts({ experiment }) {
    const [sync, loops] = BOTH.map(topology => shippedCell(topology, 'item', experiment)) as [Cell, Cell];
    const alone = { model: 'closed', users: 1, thinkTime: 0 } as const;
    return [
      claimPart('alone sync', sync, alone, 3),
      claimPart('alone async-express', loops, alone, 3),
      claimPart('rate sync', sync, EQUAL, 4),
      claimPart('rate async-express', loops, EQUAL, 4),
      // An A/A comparison, which must show no difference.
      claimPart('rate sync again', sync, EQUAL, 4),
    ];
  },
  judge(evidence) {
    const [alone, rate] = [compareMedians('alone', evidence), compareMedians('rate', evidence)];
    const twice = compareMedians('rate', evidence, 'sync again');
    return {
      figures: [
        figure('async-express ÷ sync, median response time, one request at a time', '', alone, { from: 0.95 }),
        figure(`async-express ÷ sync, median response time at ${EQUAL}/s`, '', rate, { from: 0.95 }),
        figure(`A/A: sync ÷ sync, median response time at ${EQUAL}/s`, '', twice),
      ],
      sentence:
        `A response of async-express takes ${withInterval(alone)} times as long as one of sync when they are asked for one at ` +
        `a time and ${withInterval(rate)} times at ${EQUAL}/s (the line: 0.95 and more); sync against itself: ${withInterval(twice)}.`,
    };
  },
};

/** The ratio to sync's median from the real send: the generator's own timers say nothing about the service. */
function compareMedians(part: string, evidence: Evidence, topology = 'async-express') {
  const median = (name: string) =>
    evidence.byBlock(`${part} ${name}`, ({ responseTimeFromSend }) => quantile(responseTimeFromSend, 0.5));
  return ratioByBlock(median(topology), median('sync'));
}

/** The other topologies are combinations of these. */
const KINDS = ['async', 'hybrid', 'sync', 'threads'] as const;
/** Light and heavy arrivals a second. */
const [LIGHT, HEAVY] = [100, 0.5];
const heavyBesideLight: Workload = {
  name: 'plain-and-heavy',
  requests: [
    { weight: LIGHT, route: 'plain', parameters: {} },
    { weight: HEAVY, route: 'cpu', parameters: { cpuSeconds: 0.2 } },
  ],
};

/** C9: requests without work at a steady rate, alone and beside one every two seconds that computes for 200 ms. */
export const computingHoldsUpTheLoop: Claim = {
  parts: ({ experiment }) =>
    KINDS.flatMap(topology => {
      const deployment = perCpu(topology, experiment);
      return [
        claimPart(`${topology} alone`, { deployment, workload: shippedWorkload('plain') }, LIGHT, 4),
        claimPart(`${topology} beside`, { deployment, workload: heavyBesideLight }, LIGHT + HEAVY, 8),
      ];
    }),
  judge(evidence) {
    const ratios = KINDS.map(topology => {
      const alone = evidence.byBlock(`${topology} alone`, one => quantile(one.responseTime, 0.99));
      return { topology, ratio: ratioByBlock(evidence.byBlock(`${topology} beside`, lowestLightP99), alone) };
    });
    const [async, ...others] = ratios.map(({ topology, ratio }) => `${topology} ${withInterval(ratio)}`);
    return {
      figures: ratios.map(({ topology, ratio }) => {
        const line = topology === 'async' ? { from: 2 } : undefined;
        return figure(`${topology}: p99 of the light requests, beside heavy ones ÷ alone`, '', ratio, line);
      }),
      sentence: `Beside the heavy requests the light ones' p99 is this many times as long: ${async} (the line: 2); ${others.join(', ')}.`,
    };
  },
};

/**
 * A lower bound of the light requests' p99. Of n responses h are heavy ones, so at least 0.99 (n − h) of all are not
 * above that p99. h is Poisson: three deviations above its mean keep the bound low.
 */
function lowestLightP99({ responseTime }: Measurement): Seconds {
  const expected = (HEAVY / (LIGHT + HEAVY)) * responseTime.count;
  const heavy = Math.min(responseTime.count, expected + 3 * Math.sqrt(expected));
  return quantile(responseTime, (0.99 * (responseTime.count - heavy)) / responseTime.count);
}

/** 70 × 50 ms keep 3.6 workers busy: one too few is clearly too few, whatever the wait exactly takes. */
const ARRIVAL_RATE = 70;

/** C10: waits against the number of blocking workers, around the number that Erlang C gives for the objective. */
export const rightNumberOfWorkers: Claim = {
  look: () => [claimPart('look', threadsCell(8), 20, 4)],
  parts: evidence =>
    findSizes(evidence).sizes.map(workers => claimPart(`${workers} workers`, threadsCell(workers), ARRIVAL_RATE, 8)),
  judge(evidence) {
    const { serviceTime, right, sizes } = findSizes(evidence);
    const allowed = 1 - evidence.experiment.objective.quantile;
    const steps = sizes.map(workers => {
      const part = `${workers} workers`;
      const over = evidence.mean(part, one => countOverObjective(one.responseTime) / one.scored);
      const wait = evidence.mean(part, one => meanOf(one.responseTimeFromSend) - serviceTime);
      const isStable = workers > ARRIVAL_RATE * serviceTime;
      const erlang = isStable ? meanWait({ arrivalRate: ARRIVAL_RATE, serviceTime, servers: workers }) : undefined;
      const expected = erlang === undefined ? 'for ever' : `${milliseconds(erlang)} ms`;
      const said = `${workers}: ${percent(Math.max(0, over.estimate))} over it, mean wait ${milliseconds(Math.max(0, wait.estimate))} ms (Erlang C: ${expected})`;
      return { workers, over, wait, said };
    });
    const overWith = (workers: number) => steps.find(step => step.workers === workers)?.over;
    const measured = steps.find(({ over }) => over.estimate <= allowed)?.workers;
    return {
      // The smallest sufficient number is within one of `right` if two fewer are too few and one more is enough.
      decisions: [
        right <= 2 ? 'supported' : decide(overWith(right - 2), { from: allowed }),
        decide(overWith(right + 1), { to: allowed }),
      ],
      figures: steps.flatMap(({ workers, over, wait }) => [
        figure(`${workers} workers: requests over the objective`, 'fraction', over),
        figure(`${workers} workers: mean wait`, 's', wait),
      ]),
      sentence:
        `For ${ARRIVAL_RATE}/s of ${milliseconds(serviceTime)} ms each Erlang C gives ${right} workers; the smallest ` +
        `that met the objective was ${measured ?? 'none of them'}. By workers: ${steps.map(({ said }) => said).join('; ')}.`,
    };
  },
};

/** Erlang C's smallest number of workers for the objective, and the sizes around it; none if the service time is unknown. */
function findSizes(evidence: Evidence): { serviceTime: Seconds; right: number; sizes: number[] } {
  const [look] = evidence.completed('look');
  // How long a request keeps its worker without waits.
  const serviceTime = look === undefined ? Number.NaN : busyPerRequest(look.measurement);
  const { quantile, responseTime } = evidence.experiment.objective;
  if (!(serviceTime > 0 && serviceTime < responseTime)) return { serviceTime, right: Number.NaN, sizes: [] };
  const limit = { wait: responseTime - serviceTime, fraction: 1 - quantile };
  const right = fewestServers({ arrivalRate: ARRIVAL_RATE, serviceTime }, limit);
  return { serviceTime, right, sizes: [right - 2, right - 1, right, right + 1].filter(workers => workers > 0) };
}

function threadsCell(threadsPerProcess: number): Cell {
  return { deployment: deploymentOf('threads', 1, { threadsPerProcess }), workload: waitWorkload(50) };
}
