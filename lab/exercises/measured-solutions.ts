import { deploymentName, deploymentOf, withoutSpec } from '../../model/deployment.ts';
import { type Measurement, resourceNames } from '../../model/measurement.ts';
import { type PerSecond, percent, quantileName } from '../../model/quantities.ts';
import { planFor } from '../plan/plan.ts';
import { measuredMachine, plannedLoad, type Question, requiredCapacity } from '../plan/question.ts';
import { reduceService } from '../plan/reduced-service.ts';
import { waitsLongerProbability } from '../queueing/erlang-c.ts';
import { concurrencyAt, saturationThroughput, utilisationAt } from '../queueing/operational-laws.ts';
import { asShown, inUnit } from './answer.ts';
import { fractionOver, memory, perSecond, type Solution, seconds } from './exercise.ts';
import type { TrialFacts } from './trial-facts.ts';

/** The exercises about what a run measured, by the names of their pages. */
export const measuredSolutions = {
  '04-what-a-pool-carries': whatAPoolCarries,
  '07-forty-in-memory': fortyInMemory,
  '08-database-connections': databaseConnections,
  '11-one-may-fail': oneMayFail,
  '12-a-launch': aLaunch,
};

function whatAPoolCarries(facts: TrialFacts): Solution {
  const trial = facts.blockingProcesses;
  const { id, deployment, workers, completed } = trial;
  const [observed, busy] = [asShown(trial.observed), asShown(trial.kept)];
  const serviceDemand = busy / completed;
  const value = saturationThroughput({ serviceDemand, servers: workers });
  return {
    value,
    tolerance: 0.02,
    figures: {
      ...{ trial: id, workers, completed, observed: seconds(observed), busy: seconds(busy) },
      ...{ demand: seconds(serviceDemand), wait: seconds(facts.wait) },
      utilisation: asShown((100 * busy) / (workers * observed)),
      overload: describeOverload(facts, serviceDemand),
      served: perSecond(completed / observed),
      oneWorker: perSecond(1 / serviceDemand),
      waitAlone: perSecond(workers / facts.wait),
    },
    measure: {
      deployments: [withoutSpec(deployment)],
      loads: [{ users: 3 * workers }],
      read: ([{ throughput }]) => ({ measured: throughput, within: 0.06, figures: {} }),
    },
  };
}

/** Demands that differ by no more are equal, as precisely as they are measured. */
const SAME_DEMAND = 0.01;

/** What the same pool did under a load that it could not carry: the bound is as good as its D. */
function describeOverload(facts: TrialFacts, serviceDemand: number): string | undefined {
  const overload = facts.overloaded(facts.blockingProcesses);
  if (overload === undefined) return undefined;
  const { throughput, kept } = overload;
  const name = deploymentName(facts.blockingProcesses.deployment);
  const served = `The file also has an overloaded trial: when more than that arrived, ${name} served ${inUnit(throughput, '/s')}.`;
  const there = `There a request kept its worker for ${inUnit(kept, 's')}`;
  if (Math.abs(kept / serviceDemand - 1) <= SAME_DEMAND) return `${served} ${there}, as before: the bound holds.`;
  const why =
    kept < serviceDemand
      ? 'less than before, since a worker that always has a next request is woken less often'
      : 'more than before, since the rest of the machine was busier too';
  return `${served} ${there}, ${why}: D is not quite constant, and the bound belongs to the D that was measured.`;
}

function fortyInMemory(facts: TrialFacts): Solution {
  const [requests, available] = [40, 1e9];
  const { blocking, loops } = facts.memory;
  const process = asShown(blocking.memory) / blocking.deployment.processes;
  const value = requests * process;
  const fitting = Math.floor(available / process);
  const loopMemory = asShown(loops.memory);
  const { blockingProcess, blockingThread } = facts.fitted.service.memory;
  const { processes } = loops.deployment;
  const [few, many] = [2, 6];
  return {
    value,
    tolerance: 0.02,
    figures: {
      ...{ requests, available: memory(available), process: memory(process), fitting },
      ...{ processes: blocking.deployment.processes, processesName: deploymentName(blocking.deployment) },
      ...{ processesMemory: memory(blocking.memory), loopsMemory: memory(loopMemory) },
      Loops: processes === 1 ? 'One event loop' : `${processes} event loops`,
      loops: processes === 1 ? 'one event loop' : `${processes} event loops`,
      loopsName: deploymentName(loops.deployment),
      fits: value > available ? 'more than there is' : 'a part',
      ...{ timesLess: asShown(value / loopMemory), thread: memory(blockingThread) },
      threads: memory(blockingProcess + (requests - 1) * blockingThread),
      asLoops: memory((requests * loopMemory) / processes),
      severalProcesses: memory(requests * asShown(blocking.memory)),
    },
    measure: {
      deployments: [few, many].map(processes => ({ topology: 'sync', processes })),
      loads: [60],
      read: measurements => {
        const [ofFew = 0, ofMany = 0] = measurements.map(({ memory }) => memory.workers);
        const further = (ofMany - ofFew) / (many - few);
        return { measured: requests * further, within: 0.2, figures: { further: memory(further) } };
      },
    },
  };
}

function databaseConnections(facts: TrialFacts): Solution {
  const [busiest, measured] = [0.8, 10];
  const { id, completed } = facts.connections;
  const kept = asShown(facts.connections.kept);
  const hold = kept / completed;
  // Of these arrival rates the one whose answer is furthest from the next number, so that rounding on the way is harmless.
  const fromHalf = (arrivalRate: PerSecond) => Math.abs((((arrivalRate * hold) / busiest) % 1) - 0.5);
  const arrivalRate = [1200, 1300, 1400, 1500, 1600, 1700, 1800].reduce((best, one) =>
    fromHalf(one) < fromHalf(best) ? one : best,
  );
  const inUse = concurrencyAt({ throughput: arrivalRate, responseTime: hold });
  const connections = Math.ceil(inUse / busiest);
  const least = Math.floor(inUse) + 1;
  const waiting = (servers: number) => percent(waitsLongerProbability({ arrivalRate, serviceTime: hold, servers }, 0));
  return {
    value: connections,
    figures: {
      ...{ arrivals: arrivalRate, busiest: percent(busiest), busiestFraction: busiest, trial: id, completed, least },
      ...{
        measuredConnections: measured,
        kept: seconds(kept),
        hold: seconds(hold),
        inUse: asShown(inUse),
        connections,
      },
      exactly: asShown(inUse / busiest),
      utilisation: percent(utilisationAt({ throughput: arrivalRate, serviceDemand: hold, servers: connections })),
      ...{ waiting: waiting(connections), waitingLeast: waiting(least) },
      slowRate: perSecond(saturationThroughput({ serviceDemand: 2 * hold, servers: connections })),
      ...{ multiplied: Math.ceil(inUse * busiest), roundedDown: Math.floor(inUse / busiest) },
    },
    measure: {
      deployments: [{ topology: 'async', databaseConnections: measured }],
      loads: [{ users: 3 * measured }],
      read: ([{ throughput }]) => {
        const needed = Math.ceil(((arrivalRate / throughput) * measured) / busiest);
        return {
          agrees: Math.abs(needed / connections - 1) <= 0.1,
          figures: { served: perSecond(throughput), servedByEach: perSecond(throughput / measured), needed },
        };
      },
    },
  };
}

function oneMayFail(facts: TrialFacts): Solution {
  const { deployment, capacity } = facts.smallestCapacity;
  const [estimate, low] = [asShown(capacity.estimate), asShown(capacity.low)];
  // About four machines just carry it by the estimate, but not by the lower end of the interval.
  const arrivalRate = 10 * Math.round((4 * (estimate + low)) / 2 / 10);
  const needed = Math.ceil(arrivalRate / low);
  const machines = needed + 1;
  const byEstimate = Math.ceil(arrivalRate / estimate) + 1;
  const loads = [asShown(arrivalRate / machines), asShown(arrivalRate / needed)];
  return {
    value: machines,
    figures: {
      ...{ arrivals: arrivalRate, deployment: deploymentName(deployment), machines, needed },
      ...{ estimate: perSecond(estimate), low: perSecond(low), high: perSecond(capacity.high) },
      exactly: asShown(arrivalRate / low),
      ...{ share: perSecond(arrivalRate / machines), shareOfCapacity: percent(arrivalRate / machines / estimate) },
      ...{
        shareAfter: perSecond(arrivalRate / needed),
        shareAfterOfCapacity: percent(arrivalRate / needed / estimate),
      },
      most: percent(needed / machines),
      // One number may have either cause.
      neededByBoth: byEstimate === needed ? needed : undefined,
      ...{ byEstimate, twice: 2 * needed },
    },
    measure: {
      objective: facts.objective,
      deployments: [withoutSpec(deployment)],
      loads,
      read: measurements => checkObjective(measurements, loads, facts),
    },
  };
}

/** The part of a plan's question that `loadline plan` and exercise 12 share. */
export function launchQuestion(facts: TrialFacts): Question {
  return {
    ...{ arrivalRate: 350, growth: 2, headroom: 0.3, objective: facts.objective, workload: facts.waits },
    machine: { ...measuredMachine(facts.cpus), databaseConnections: 100 },
    topologies: ['hybrid'],
  };
}

function aLaunch(facts: TrialFacts): Solution {
  const question = launchQuestion(facts);
  const { arrivalRate: today, growth, headroom, objective, machine } = question;
  const launch = plannedLoad(question);
  const required = requiredCapacity(question);
  const plan = planFor(facts.fitted, question, { decide: 'simulation' });
  const [best] = plan.recommendations;
  if (best === undefined || best.machines > 1) {
    const why = best === undefined ? plan.rejected[0]?.reason : `it takes ${best.machines} machines`;
    throw new RangeError(`no deployment of hybrid on one machine meets the objective: ${why}`);
  }
  // At the required load a connection is held for the wait and for Postgres's own part.
  const any = deploymentOf('async', 1, { databaseConnections: 1 });
  const { kinds, demandAt } = reduceService(any, facts.waits, facts.fitted.service, facts.cpus);
  const hold = asShown((kinds[0]?.wait ?? 0) + demandAt(required).postgres);
  const inUseAt = (throughput: PerSecond) => concurrencyAt({ throughput, responseTime: hold });
  const [inUse, connections, loops] = [inUseAt(required), best.deployment.databaseConnections, facts.cpus];
  // Whole numbers for each loop: more than are in use, and at most one more for each loop than the model says.
  const fewest = Math.floor(inUse / loops) + 1;
  const most = Math.max(fewest, Math.floor(connections / loops) + 1);
  const accepted = Array.from({ length: most - fewest + 1 }, (_, index) => (fewest + index) * loops);
  const { capacity, prediction } = best;
  return {
    value: connections,
    accepted,
    figures: {
      ...{ today, growth, headroom: percent(headroom), quantile: percent(objective.quantile), loops, connections },
      ...{ objective: seconds(objective.responseTime), hold: seconds(hold), inUse: asShown(inUse) },
      ...{ launch: perSecond(launch), usedFraction: 1 - headroom, required: perSecond(required) },
      ...{ trials: plan.restsOn.trials, deployment: deploymentName(best.deployment) },
      postgresConnections: machine.databaseConnections,
      capacity: perSecond(capacity.estimate),
      ...{ capacityLow: perSecond(capacity.low), capacityHigh: perSecond(capacity.high) },
      ...{ margin: percent(Math.max(0, best.margin)), error: percent(best.error) },
      acceptedList: new Intl.ListFormat('en-GB').format(accepted.map(String)),
      ...{ p99: seconds(prediction.responseTime.quantiles.p99), memory: memory(best.memory) },
      next: resourceNames[best.next].phrase,
      postgresLimit: describePostgresLimit(plan.database.byConnections, machine.databaseConnections),
      command: planCommand(question),
      noHeadroom: Math.ceil(inUseAt(launch)),
      headroomOnTop: Math.ceil(inUseAt(launch * (1 + headroom))),
      allOfPostgres: machine.databaseConnections,
      todayOnly: Math.ceil(inUseAt(today)),
      inUseRoundedUp: Math.ceil(inUse),
      belowInUse: Math.floor(inUse),
      uneven: Array.from({ length: (most - fewest) * loops }, (_, index) => fewest * loops + index),
    },
    measure: {
      objective,
      deployments: [withoutSpec(best.deployment)],
      loads: [launch, asShown(required)],
      read: measurements => checkObjective(measurements, [launch, asShown(required)], facts),
    },
  };
}

function describePostgresLimit(byConnections: PerSecond, connections: number | undefined): string | undefined {
  if (!Number.isFinite(byConnections)) return undefined;
  return `Whatever stands before it, a Postgres with ${connections} connections carries ${inUnit(byConnections, '/s')} at most.`;
}

/** The same question for the command line; its machine is the measured one too. */
function planCommand({ workload, arrivalRate, growth, headroom, objective, machine, topologies }: Question): string {
  const { quantile, responseTime } = objective;
  const { databaseConnections } = machine;
  return [
    './loadline plan docs/exercises/trials.jsonl',
    `--workload ${workload.name} --arrival-rate ${arrivalRate} --growth ${growth} --headroom ${headroom}`,
    `--objective ${quantileName(quantile)}=${Number((1000 * responseTime).toPrecision(12))}ms`,
    `--database-connections ${databaseConnections} --topology ${topologies?.join(',')}`,
  ].join(' ');
}

/** Whether the objective was met at each of these arrival rates. */
function checkObjective(measurements: readonly Measurement[], loads: readonly PerSecond[], facts: TrialFacts) {
  const { quantile, responseTime } = facts.objective;
  const allowed = 1 - quantile;
  const over = measurements.map(fractionOver);
  const describe = (load: PerSecond, index: number) =>
    `At ${inUnit(load, '/s')} ${percent(over[index] ?? 1)} of the answers came later than ${inUnit(responseTime, 's')}; allowed are ${percent(allowed)}.`;
  return { agrees: over.every(fraction => fraction <= allowed), figures: { overObjective: loads.map(describe) } };
}
