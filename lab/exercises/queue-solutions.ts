import { deploymentOf } from '../../model/deployment.ts';
import type { Workload } from '../../model/experiment.ts';
import { meanOf } from '../../model/histogram.ts';
import { requireTold } from '../../model/measurement.ts';
import { percent } from '../../model/quantities.ts';
import { waitWorkload } from '../claims/claim.ts';
import { reduceService } from '../plan/reduced-service.ts';
import { asymptoticBounds, findBottleneckStation, type Station } from '../queueing/asymptotic-bounds.ts';
import * as erlangC from '../queueing/erlang-c.ts';
import { responseTimeQuantile } from '../queueing/erlang-c.ts';
import * as gm1 from '../queueing/gm1.ts';
import { meanValueAnalysis } from '../queueing/mean-value-analysis.ts';
import { estimateWait } from '../queueing/mgc.ts';
import { responseTimeAt, responseTimeOfUsers, saturationThroughput } from '../queueing/operational-laws.ts';
import { busyPerRequest } from '../search/saturation.ts';
import { asShown, inUnit } from './answer.ts';
import { fractionOver, lastResponse, perSecond, type Solution, seconds } from './exercise.ts';
import { keptPerRequest, type TrialFacts } from './trial-facts.ts';

/** The exercises that a formula of queueing theory solves, by the names of their pages. */
export const queueSolutions = {
  '01-four-clerks': fourClerks,
  '02-five-clients': fiveClients,
  '03-a-hundred-at-once': aHundredAtOnce,
  '05-how-many-workers': howManyWorkers,
  '06-even-arrivals': evenArrivals,
  '09-a-hundred-clients': aHundredClients,
  '10-a-blocked-loop': aBlockedLoop,
};

function fourClerks(): Solution {
  const [clerks, service, inside] = [4, 120, 10];
  /** Seconds at the counter for a second on the stack. */
  const scale = 500;
  const throughput = saturationThroughput({ serviceDemand: service, servers: clerks });
  const value = responseTimeAt({ concurrency: inside, throughput });
  return {
    value,
    tolerance: 0.01,
    figures: {
      ...{ clerks, inside, service: seconds(service), throughput: perSecond(throughput) },
      wait: seconds(value - service),
      oneClerk: seconds(inside * service),
      rounds: seconds(Math.ceil(inside / clerks) * service),
    },
    measure: {
      phases: { warmUp: 2, steadyState: 8 },
      objective: { responseTime: 0.5 },
      deployments: [{ topology: 'sync', processes: clerks }],
      workload: waitWorkload(1000 * (service / scale)),
      loads: [{ users: inside }],
      read: ([{ responseTime, throughput: served }]) => {
        const mean = meanOf(responseTime);
        return { measured: scale * mean, within: 0.08, figures: { served: perSecond(served), mean: seconds(mean) } };
      },
    },
  };
}

function fiveClients(): Solution {
  const [clients, workers, wait] = [5, 4, 0.2];
  const waves = Math.ceil(clients / workers);
  return {
    value: waves * wait,
    tolerance: 0.01,
    figures: {
      ...{ clients, workers, waves, wait: seconds(wait) },
      mean: seconds((workers * wait + waves * wait) / clients),
      throughput: perSecond(saturationThroughput({ serviceDemand: wait, servers: workers })),
      oneWorker: seconds(clients * wait),
      quarter: seconds((clients / workers) * wait),
    },
    measure: {
      deployments: [{ topology: 'sync', processes: workers }],
      workload: waitWorkload(1000 * wait),
      loads: [{ burst: clients }],
      read: ([burst]) => {
        const times = (burst.responses ?? []).map(({ responseTime }) => responseTime).sort((a, b) => a - b);
        const figures = { answered: times.length, times: times.map(time => inUnit(time, 's')).join(', ') };
        return { measured: lastResponse(burst, clients), within: 0.15, figures };
      },
    },
  };
}

function aHundredAtOnce(): Solution {
  const [requests, connections, wait] = [100, 40, 0.4];
  const countWaves = (places: number) => Math.ceil(requests / places);
  const waves = countWaves(connections);
  const workers = Math.ceil(requests / waves);
  const fewer = workers - 1;
  return {
    value: workers,
    figures: {
      ...{ requests, connections, waves, workers, fewer, wait: seconds(wait), loopTime: seconds(waves * wait) },
      ...{ fewerWaves: countWaves(fewer), fewerTime: seconds(countWaves(fewer) * wait) },
      ...{ fourWaves: countWaves(4), fourTime: seconds(countWaves(4) * wait) },
      roundedDown: Math.floor(requests / waves),
    },
    measure: {
      objective: { responseTime: 0.5 },
      deployments: [
        { topology: 'async', databaseConnections: connections },
        { topology: 'threads', threadsPerProcess: workers },
        { topology: 'threads', threadsPerProcess: fewer },
      ],
      workload: waitWorkload(1000 * wait),
      loads: [{ burst: requests }],
      read: measurements => {
        const [loop = Number.NaN, last = Number.NaN, fewerLast = Number.NaN] = measurements.map(measurement =>
          lastResponse(measurement, requests),
        );
        return {
          agrees: last < loop + wait / 2 && fewerLast > loop + wait / 2,
          figures: { loopLast: seconds(loop), last: seconds(last), fewerLast: seconds(fewerLast) },
        };
      },
    },
  };
}

function howManyWorkers(facts: TrialFacts): Solution {
  const arrivalRate = 150;
  const allowed = { wait: 0.02, fraction: 0.01 };
  const serviceTime = keptPerRequest(facts.blockingProcesses);
  const demand = { arrivalRate, serviceTime };
  const workers = erlangC.fewestServers(demand, allowed);
  const half = Math.ceil(workers / 2);
  const traffic = arrivalRate * serviceTime;
  const least = Math.floor(traffic) + 1;
  const limit = asShown(serviceTime + allowed.wait);
  const shownWait = inUnit(allowed.wait, 's');
  const describePool = (servers: number) => {
    const longer = percent(erlangC.waitsLongerProbability({ ...demand, servers }, allowed.wait));
    const wait = inUnit(erlangC.meanWait({ ...demand, servers }), 's');
    return `c = ${servers}: P(W > ${shownWait}) = ${longer}, mean wait ${wait}`;
  };
  return {
    value: workers,
    figures: {
      ...{ arrivals: arrivalRate, oneIn: 1 / allowed.fraction, wait: seconds(allowed.wait) },
      ...{ allowed: percent(allowed.fraction), service: seconds(serviceTime), least, workers },
      traffic: asShown(traffic),
      table: Array.from({ length: workers - least + 2 }, (_, index) => describePool(least + index)),
      busy: percent(traffic / workers),
      belowTraffic: Math.floor(traffic),
      oneFewer: workers - 1,
      noWait: erlangC.fewestServers(demand, { ...allowed, wait: 0 }),
    },
    measure: {
      phases: { warmUp: 2, steadyState: 12 },
      objective: { responseTime: limit },
      deployments: [workers, half].map(threadsPerProcess => ({ topology: 'threads', threadsPerProcess })),
      loads: [arrivalRate],
      // Too few workers may leave requests unanswered: that is why they are measured.
      mustSucceed: 1,
      read: measurements => {
        const [over = 1, overWithHalf = 1] = measurements.map(fractionOver);
        return {
          // Twice what is allowed: nginx and the generator add to the times on a shared machine.
          agrees: over <= 2 * allowed.fraction && overWithHalf > allowed.fraction,
          figures: { over: percent(over), overWithHalf: percent(overWithHalf), half, limit: seconds(limit) },
        };
      },
    },
  };
}

function evenArrivals(facts: TrialFacts): Solution {
  const utilisation = 0.95;
  const serviceTime = facts.wait;
  const arrivalRate = asShown(utilisation / serviceTime);
  const even = { serviceTime, ...gm1.evenArrivals(arrivalRate) };
  const waitEven = gm1.meanWait(even);
  const waitPoisson = gm1.meanWait({ serviceTime, ...gm1.poissonArrivals(arrivalRate) });
  const slowest = responseTimeQuantile({ arrivalRate, serviceTime, servers: 1 }, 0.99);
  return {
    value: waitPoisson / waitEven,
    tolerance: 0.03,
    figures: {
      ...{ busy: percent(utilisation), service: seconds(serviceTime), arrivals: perSecond(arrivalRate) },
      ...{ utilisation: asShown(arrivalRate * serviceTime), root: asShown(gm1.waitingProbability(even)) },
      ...{ waitPoisson: seconds(waitPoisson), waitEven: seconds(waitEven) },
      ...{ slowest: seconds(slowest), slowestServices: asShown(slowest / serviceTime) },
      upsideDown: waitEven / waitPoisson,
      same: 1,
      responseTimes: (waitPoisson + serviceTime) / (waitEven + serviceTime),
    },
  };
}

function aHundredClients(facts: TrialFacts): Solution {
  const [clients, workers, sessions, wait] = [100, 19, 100, 0.02];
  const setting = { users: clients, thinkTime: 0 };
  // Beside the wait, a request keeps its worker for as long as in the trials.
  const hold = asShown(wait + keptPerRequest(facts.blockingProcesses) - facts.wait);
  const station: Station = { name: 'workers', serviceDemand: hold, servers: workers };
  const { throughput: value } = meanValueAnalysis([station], setting);
  const responseTime = responseTimeOfUsers({ ...setting, throughput: value });
  const deployment = deploymentOf('threads', 1, { threadsPerProcess: workers });
  const workload = waitWorkload(1000 * wait);
  const predicted = facts.model.estimateThroughput(deployment, workload, { model: 'closed', ...setting });
  return {
    value,
    tolerance: 0.02,
    figures: {
      ...{ clients, workers, sessions, wait: seconds(wait), hold: seconds(hold), cpus: facts.cpus },
      ...{ publishedRate: asShown(workers / wait), waitAlone: perSecond(workers / wait) },
      byClients: perSecond(clients / hold),
      bySessions: perSecond(saturationThroughput({ serviceDemand: wait, servers: sessions })),
      byWorkers: perSecond(findBottleneckStation([station]).saturation),
      upper: perSecond(asymptoticBounds([station], setting).throughput.upper),
      ...{ responseTime: seconds(responseTime), queued: seconds(responseTime - hold) },
      predicted: perSecond(predicted),
      oneWorker: perSecond(1 / hold),
    },
    measure: {
      deployments: [{ topology: 'threads', threadsPerProcess: workers }],
      workload,
      loads: [{ users: clients }],
      read: ([measurement]) => {
        const { throughput, utilisation } = requireTold(measurement);
        const busy = { workersBusy: Math.min(1, utilisation.workers), cpusBusy: utilisation.cpu };
        const figures = Object.fromEntries(Object.entries(busy).map(([name, part]) => [name, asShown(100 * part)]));
        return { measured: throughput, within: 0.1, figures };
      },
    },
  };
}

function aBlockedLoop(facts: TrialFacts): Solution {
  const [arrivalRate, part, heavy] = [100, 0.1, 0.05];
  const plain: Workload = { name: 'plain', requests: [{ weight: 1, route: 'plain', parameters: {} }] };
  const loop = deploymentOf('async', 1, { databaseConnections: 1 });
  // What the fitted model says that a request without work takes of an event loop.
  const light = asShown(reduceService(loop, plain, facts.fitted.service, facts.cpus).demandAt(arrivalRate).workers);
  const moment = (power: number) => (1 - part) * light ** power + part * heavy ** power;
  const [serviceTime, squares] = [moment(1), moment(2)];
  const utilisation = arrivalRate * serviceTime;
  const serviceVariation = squares / serviceTime ** 2 - 1;
  const value = meanWait({ arrivalRate, serviceTime, serviceVariation });
  const even = meanWait({ arrivalRate, serviceTime, serviceVariation: 0 });
  const apart = meanWait({ arrivalRate: (1 - part) * arrivalRate, serviceTime: light, serviceVariation: 0 });
  return {
    value,
    tolerance: 0.03,
    figures: {
      ...{ arrivals: arrivalRate, part: percent(part), heavyFraction: part, lightFraction: 1 - part },
      ...{ light: seconds(light), heavy: seconds(heavy), mean: seconds(serviceTime) },
      ...{ utilisation: asShown(utilisation), squares: asShown(squares * 1e6), variation: asShown(serviceVariation) },
      ...{ timesLight: asShown(value / light), even: seconds(even), apart: seconds(apart) },
      ...{ exponential: seconds(2 * even), twice: seconds(2 * value), residual: seconds(value * (1 - utilisation)) },
    },
    measure: {
      phases: { warmUp: 2, steadyState: 24 },
      deployments: [{ topology: 'async' }],
      workload: {
        name: 'blocked',
        requests: [
          { route: 'plain', weight: (1 - part) * 10, parameters: {} },
          { route: 'cpu', weight: part * 10, parameters: { cpuSeconds: heavy } },
        ],
      },
      loads: [arrivalRate],
      read: ([measurement]) => {
        const [response, served] = [meanOf(measurement.responseTime), busyPerRequest(measurement)];
        const figures = { response: seconds(response), servedIn: seconds(served) };
        return { measured: response - served, within: 0.35, figures };
      },
    },
  };
}

/** Pollaczek and Khinchine: the mean wait before one server, for demands whose squared coefficient of variation is given. */
function meanWait({
  arrivalRate,
  serviceTime,
  serviceVariation,
}: Readonly<Record<'arrivalRate' | 'serviceTime' | 'serviceVariation', number>>): number {
  const waiting = arrivalRate * serviceTime;
  return estimateWait({ waiting, excess: 1 / serviceTime - arrivalRate, serviceVariation }).mean;
}
