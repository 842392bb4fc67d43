import { deploymentOf, deploymentWith } from '../../model/deployment.ts';
import type { Cell } from '../../model/experiment.ts';
import { meanOf } from '../../model/histogram.ts';
import { type Measurement, type Resource, requireTold, resources } from '../../model/measurement.ts';
import { type Bytes, withInterval } from '../../model/quantities.ts';
import { mean } from '../../model/statistics.ts';
import { culpritOf } from '../search/load-curve.ts';
import { holdPerRequest } from '../search/saturation.ts';
import { judgeTrial } from '../search/verdict.ts';
import {
  type Claim,
  claimPart,
  type Decision,
  decide,
  decideAll,
  type Evidence,
  figure,
  meanOverBlocks,
  ratioByBlock,
  shippedWorkload,
  subtractByBlock,
  waitWorkload,
} from './claim.ts';

/** A resource with this utilisation is the bottleneck. */
const USED_UP = 0.9;

/** Numbers of blocking workers for a load that keeps ten requests in progress. */
const LADDER = [8, 16] as const;
const BLOCKING = ['threads', 'sync'] as const;
const LADDER_RATE = 100;

/** C7: more and more blocking workers, as threads and as processes, until they carry what event loops carry. */
export const memoryStopsWorkers: Claim = {
  parts({ experiment }) {
    const part = (name: string, deployment: Cell['deployment']) =>
      claimPart(name, { deployment, workload: waitWorkload(100) }, LADDER_RATE, 6, { warmUp: 1.5 });
    return [
      // Two loops are enough on any machine; more would only take memory.
      part('hybrid', deploymentOf('hybrid', Math.min(experiment.cpus, 2))),
      ...BLOCKING.flatMap(kind => LADDER.map(workers => part(`${kind} ${workers}`, deploymentWith(kind, workers)))),
    ];
  },
  judge(evidence) {
    const loops = evidence.byBlock('hybrid', memoryPerRequest);
    const stops = BLOCKING.map(kind => {
      const stop = findStop(kind, evidence);
      const bytes = evidence.byBlock(`${kind} ${stop.workers}`, memoryPerRequest);
      const ratio = ratioByBlock(bytes, loops);
      return { ...stop, kind, bytes: meanOverBlocks(bytes), ratio };
    });
    const clauses = stops.map(
      ({ kind, because, ratio }) =>
        `${kind} ${because}, with ${withInterval(ratio)} times the memory of hybrid for each request in progress`,
    );
    return {
      decisions: [
        // Workers cannot match a load that the loops do not carry either.
        carriesInMostBlocks('hybrid', evidence) ? 'supported' : 'unmeasured',
        ...stops.map(({ decision, ratio }) => decideAll([decision, decide(ratio, { from: 1 })])),
      ],
      figures: [
        figure('hybrid, memory for each request in progress', 'bytes', meanOverBlocks(loops)),
        ...stops.flatMap(({ kind, workers, bytes, ratio }) => [
          figure(`${workers} workers of ${kind}, memory for each request in progress`, 'bytes', bytes),
          figure(`${kind} ÷ hybrid, memory for each request in progress`, '', ratio),
        ]),
      ],
      sentence: `At ${LADDER_RATE}/s of 100 ms each ${clauses.join('; ')}.`,
      instead:
        'The memory of the machine was not filled: what is decided is whether workers match the loops, and take more of it.',
    };
  },
};

/** The number of workers at which a kind of them matched the loops in most blocks, or what ended their growth. */
function findStop(kind: string, evidence: Evidence): { workers: number; because: string; decision: Decision } {
  const matching = LADDER.find(workers => carriesInMostBlocks(`${kind} ${workers}`, evidence));
  if (matching !== undefined) {
    return { workers: matching, because: `match the loops with ${matching} workers`, decision: 'supported' };
  }
  const workers = LADDER.at(-1) ?? 0;
  const last = evidence.own(`${kind} ${workers}`).at(-1);
  if (last?.state !== 'completed') {
    return { workers, because: `could not be measured with ${workers} workers`, decision: 'unmeasured' };
  }
  const { utilisation } = last.measurement;
  const isUsedUp = (resource: Resource) => (utilisation[resource] ?? 0) >= USED_UP;
  const used = isUsedUp('cpu') ? 'cpu' : resources.find(isUsedUp);
  if (used === undefined || used === 'workers') {
    return { workers, because: `do not match the loops with ${workers} workers yet`, decision: 'not shown' };
  }
  // A resource that is used up before memory is a bottleneck that the claim denies.
  return { workers, because: `are stopped at ${workers} workers by ${used}`, decision: 'refuted' };
}

function carriesInMostBlocks(part: string, evidence: Evidence): boolean {
  const trials = evidence.completed(part);
  const { objective } = evidence.experiment;
  const carried = trials.filter(({ trial, measurement }) => judgeTrial(trial, measurement, objective).met);
  return carried.length > trials.length / 2;
}

/** Memory of the workers ÷ requests in progress, by Little's law: N = X R. */
function memoryPerRequest({ memory, throughput, responseTimeFromSend }: Measurement): Bytes {
  return memory.workers / (throughput * meanOf(responseTimeFromSend));
}

const CONNECTIONS = [5, 10, 20, 40, 80] as const;

/** C8: what event loops with more and more database connections can do at most, against connections ÷ hold time. */
export const connectionsLimitLoops: Claim = {
  blocksEach: 2,
  parts({ experiment: { cpus } }) {
    const cell = (databaseConnections: number): Cell => {
      // Each loop needs a connection.
      const processes = Math.min(cpus, CONNECTIONS[0]);
      const deployment = deploymentOf('hybrid', cpus, { processes, databaseConnections });
      return { deployment, workload: shippedWorkload('wait') };
    };
    return [
      claimPart('light', cell(40), 20, 4),
      ...CONNECTIONS.map(connections => {
        // Three users for each connection: a request always waits for one.
        const load = { model: 'closed', users: 3 * connections, thinkTime: 0 } as const;
        return claimPart(`${connections} connections`, cell(connections), load, 4, { timeLimit: 5 });
      }),
    ];
  },
  judge(evidence) {
    const hold = evidence.byBlock('light', holdPerRequest);
    const steps = CONNECTIONS.map(connections => {
      const limit = new Map([...hold].map(([block, seconds]) => [block, connections / seconds]));
      const throughput = evidence.byBlock(`${connections} connections`, one => one.throughput);
      const ratio = ratioByBlock(throughput, limit);
      return { connections, ratio, bottleneck: findBottleneck(`${connections} connections`, evidence) };
    });
    // Steps after the first with another bottleneck tell nothing about connections.
    const end = steps.findIndex(({ bottleneck }) => bottleneck !== 'database-connections');
    const limited = end < 0 ? steps : steps.slice(0, end);
    const beyond = steps[end];
    const bottleneck = beyond?.bottleneck === 'cpu' ? 'the CPU' : beyond?.bottleneck;
    const clauses = limited.map(({ connections, ratio }) => `${connections}: ${withInterval(ratio)}`).join(', ');
    const after = beyond === undefined ? '' : `; with ${beyond.connections} the bottleneck is ${bottleneck}`;
    const decisions = limited.map(({ ratio }) => decide(ratio, { from: 0.95, to: 1.05 }));
    const isMeasured = steps.some(({ ratio }) => Number.isFinite(ratio.estimate));
    return {
      decisions: decisions.length > 0 ? decisions : [isMeasured ? 'not shown' : 'unmeasured'],
      figures: steps.map(({ connections, ratio }) =>
        figure(`${connections} connections: throughput ÷ (connections ÷ hold time)`, '', ratio),
      ),
      sentence:
        limited.length === 0
          ? `Even with ${CONNECTIONS[0]} connections the bottleneck is another one: ${bottleneck}.`
          : `Throughput against connections ÷ hold time, by connections: ${clauses} (the line: 0.95 to 1.05)${after}.`,
    };
  },
};

/** The busiest resource over all blocks; `k6` if the generator could not keep up. */
function findBottleneck(part: string, evidence: Evidence): string {
  const completed = evidence.completed(part);
  if (completed.length < 2) {
    const hasSlowGenerator = evidence
      .own(part)
      .some(result => result.state === 'invalid' && culpritOf(result.reason) === 'generator');
    return hasSlowGenerator ? 'k6' : 'database-connections';
  }
  const utilisation = (resource: Resource) =>
    mean(completed.map(({ measurement }) => requireTold(measurement).utilisation[resource]));
  if (utilisation('cpu') >= USED_UP) return 'cpu';
  return resources.reduce((most, one) => (utilisation(one) > utilisation(most) ? one : most), 'database-connections');
}

/** Requests in progress, each with enough threads also when chance makes them more. */
const LEVELS = [
  { concurrency: 8, threads: 20 },
  { concurrency: 32, threads: 52 },
  { concurrency: 128, threads: 164 },
] as const;
const SWITCHING = ['threads', 'async-express'] as const;

/** C11: CPU per request of one process at equal arrival rate, with longer and longer waits: N = λ × wait. */
export const switchingShowsAtHighConcurrency: Claim = {
  blocksEach: 2,
  parts: () =>
    LEVELS.flatMap(({ concurrency, threads }) => {
      const arrivalRate = 200;
      const workload = waitWorkload((1000 * concurrency) / arrivalRate);
      const loop = deploymentOf('async-express', 1, { databaseConnections: LEVELS[2].threads });
      return [deploymentWith('threads', threads), loop].map(deployment => {
        const name = `${deployment.topology} ${concurrency}`;
        return claimPart(name, { deployment, workload }, arrivalRate, 4, { warmUp: 1.5 });
      });
    }),
  judge(evidence) {
    // CPU seconds that a request takes on threads beyond those on a loop.
    const [low, middle, high] = LEVELS.map(({ concurrency }) => {
      const [threads, loop] = SWITCHING.map(kind =>
        evidence.byBlock(`${kind} ${concurrency}`, one => one.serviceDemand.workers),
      );
      return subtractByBlock(threads ?? new Map(), loop ?? new Map());
    }) as [Map<number, number>, Map<number, number>, Map<number, number>];
    const growth = subtractByBlock(high, low);
    const inMs = (values: ReadonlyMap<number, number>) =>
      withInterval(meanOverBlocks(new Map([...values].map(([block, seconds]) => [block, seconds * 1000]))));
    const [first, last] = [LEVELS[0].concurrency, LEVELS[2].concurrency];
    return {
      figures: [
        ...[low, middle, high].map((more, index) =>
          figure(
            `${LEVELS[index]?.concurrency} in progress: CPU per request, threads − async-express`,
            's',
            meanOverBlocks(more),
          ),
        ),
        figure(`the difference, at ${last} − at ${first}`, 's', meanOverBlocks(growth), { from: 0 }),
        ...LEVELS.flatMap(({ concurrency }) =>
          SWITCHING.map(kind => {
            const switches = evidence.mean(`${kind} ${concurrency}`, countSwitches);
            return figure(`${concurrency} in progress: context switches per request, ${kind}`, '', switches);
          }),
        ),
      ],
      sentence:
        `A request takes ${inMs(low)} ms more CPU on threads than on a loop at ${first} in progress and ` +
        `${inMs(high)} ms more at ${last}: the difference grows by ${inMs(growth)} ms.`,
    };
  },
};

function countSwitches({ contextSwitches }: Measurement): number {
  return contextSwitches ? contextSwitches.voluntary + contextSwitches.involuntary : Number.NaN;
}
