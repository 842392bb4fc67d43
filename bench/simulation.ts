/**
 * Whether the simulation gives the waits that theory knows, how fast it is, and whether it needs more memory for more
 * requests.
 *
 *   node bench/simulation.ts [--seed 1] [--requests 2000000] [--repeats 10] [--only waits|speeds|memory]
 *
 * Each queue is simulated once for the table, and `repeats` times with other seeds, a fifth as long, for the coverage.
 * Exit code 1: it is slower than it shall be, or the heap grows with the number of requests.
 */
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Table from 'cli-table3';
import { measuredService, type ServiceModel } from '../lab/simulation/service-model.ts';
import { simulateTrial } from '../lab/simulation/simulate-trial.ts';
import type { SimulationOptions } from '../lab/simulation/simulation.ts';
import { type Deployment, deploymentName, deploymentOf } from '../model/deployment.ts';
import type { Trial, WorkloadRequest } from '../model/experiment.ts';
import { percentTo, shownCount } from '../model/quantities.ts';
import { isConcurrencyLimited, topologyOf } from '../model/topology.ts';
import { BatchMeans, type KnownQueue, knownQueues, SERVICE_TIME } from './known-queues.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    requests: { type: 'string', default: '2000000' },
    repeats: { type: 'string', default: '10' },
    only: { type: 'string' },
  },
});
const seed = Number(values.seed);
const requests = Number(values.requests);
const repeats = Number(values.repeats);

const plain = {
  style: { head: [], border: [] },
  chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
};

/** Of a series: what is left out because the system began empty. */
const FORGOTTEN = 0.05;

interface Run {
  readonly deployment: Deployment;
  readonly request: WorkloadRequest;
  readonly model: ServiceModel;
  readonly arrivalRate: number;
  readonly requests: number;
  readonly seed: number;
}

function simulated(run: Run, options: Pick<SimulationOptions, 'cpus' | 'onResponse' | 'arrivals'>) {
  const trial: Trial = {
    id: 'run',
    purpose: 'load',
    cell: { deployment: run.deployment, workload: { name: 'run', requests: [run.request] } },
    load: { model: 'open', arrivalRate: run.arrivalRate },
    phases: { warmUp: 0, steadyState: run.requests / run.arrivalRate, timeLimit: 1e6 },
    seed: run.seed,
    block: 0,
    position: 0,
  };
  return simulateTrial(trial, run.model, { objective: 0.25, ...options }).measurement;
}

/** The mean wait in the queue, in service times, with its interval. */
function waitIn(queue: KnownQueue, busy: number, ofSeed: number, ofRequests: number) {
  const { topology, servers, model, arrivals } = queue;
  const means = new BatchMeans(ofRequests, ofRequests * FORGOTTEN);
  const numbers = isConcurrencyLimited(topologyOf(topology))
    ? { processes: servers }
    : { databaseConnections: servers };
  const run = {
    deployment: deploymentOf(topology, 1, numbers),
    request: { weight: 1, route: 'wait', parameters: { ms: SERVICE_TIME * 1000 } } as const,
    model,
    arrivalRate: (busy * servers) / SERVICE_TIME,
    requests: ofRequests,
    seed: ofSeed,
  };
  const onResponse = (responseTime: number) => means.add(responseTime / SERVICE_TIME - 1);
  simulated(run, { cpus: 1, arrivals, onResponse });
  const { estimate, low, high } = means.interval();
  const expected = queue.meanWaitAt(busy) / SERVICE_TIME;
  return { expected, estimate, low, high, holds: low <= expected && expected <= high };
}

function printWaits(): void {
  const table = new Table({
    head: ['queue', 'ρ', 'expected', 'simulated', '95 % interval', 'holds', 'in repeats'],
    ...plain,
  });
  const all: boolean[] = [];
  for (const queue of knownQueues) {
    for (const busy of queue.busy) {
      const { expected, estimate, low, high, holds } = waitIn(queue, busy, seed, requests);
      const again = Array.from(
        { length: repeats },
        (_, index) => waitIn(queue, busy, seed + 1 + index, requests / 5).holds,
      );
      all.push(...again);
      const digits = (value: number) => value.toPrecision(4);
      table.push([
        queue.name,
        busy,
        digits(expected),
        digits(estimate),
        `${digits(low)} to ${digits(high)}`,
        holds ? 'yes' : 'no',
        `${again.filter(Boolean).length} of ${repeats}`,
      ]);
    }
  }
  print(`Mean wait in the queue, in service times; ${requests} requests each, seed ${seed}:\n${table}`);
  const holding = all.filter(Boolean).length;
  print(`Over all repeats ${holding} of ${all.length} intervals hold: ${percentTo(holding / all.length, 1)}.\n`);
}

const wait = { weight: 1, route: 'wait', parameters: { ms: 20 } } as const;
const exponential = knownQueues.find(({ name }) => name === 'M/M/8')?.model ?? measuredService;
/** Requests that shall be simulated a second of CPU, on cores that nobody else uses. */
const WANTED = { queue: 2_000_000, deployment: 200_000 } as const;
const speeds: { what: string; wanted: number; cpus: number; run: Omit<Run, 'requests' | 'seed'> }[] = [
  ...[0.8, 0.95].map(busy => ({
    what: `M/M/8, ρ = ${busy}`,
    wanted: WANTED.queue,
    cpus: 1,
    run: {
      deployment: deploymentOf('async', 1, { databaseConnections: 8 }),
      request: wait,
      model: exponential,
      arrivalRate: (busy * 8) / SERVICE_TIME,
    },
  })),
  deployed('sync', 2, 80),
  deployed('async', 2, 1600),
  deployed('hybrid', 2, 1600),
  deployed('hybrid', 64, 50_000, { databaseConnections: 1600 }),
  deployed('threads', 64, 20_000, { threadsPerProcess: 512 }),
];

function deployed(
  topology: Deployment['topology'],
  cpus: number,
  arrivalRate: number,
  numbers: Parameters<typeof deploymentOf>[2] = {},
) {
  const deployment = deploymentOf(topology, cpus, numbers);
  const what = `${deploymentName(deployment)} on ${cpus} CPUs, ${arrivalRate}/s`;
  const run = { deployment, request: wait, model: measuredService, arrivalRate };
  return { what, wanted: WANTED.deployment, cpus, run };
}

function printSpeeds(): void {
  const table = new Table({ head: ['what', 'requests simulated a second of CPU', 'wanted'], ...plain });
  const missed: string[] = [];
  for (const { what, wanted, cpus, run } of speeds) {
    const measured = [1, 2, 3].map(time => {
      const begin = process.cpuUsage();
      const { completions } = simulated({ ...run, requests, seed: seed + time }, { cpus });
      const { user, system } = process.cpuUsage(begin);
      return completions.sent / ((user + system) / 1e6);
    });
    const median = measured.sort((one, other) => one - other)[1] ?? Number.NaN;
    table.push([what, shownCount(median), shownCount(wanted)]);
    if (!(median >= wanted)) missed.push(`${what}: ${shownCount(median)} a second, wanted ${shownCount(wanted)}`);
  }
  print(`Speed on one core, ${requests} requests each, the median of three:\n${table}`);
  judge(missed);
}

/** Requests after which the memory is looked at. */
const LOOKS = [1e6, 2e6, 5e6, 10e6];
/** As much more of the heap than at the first look is not growth: what is collected when differs. */
const SAME_HEAP = 1.1;

function printMemory(): void {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const table = new Table({ head: ['requests simulated', 'heap in use (MB)', 'most resident so far (MB)'], ...plain });
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const heaps: number[] = [];
  const { what, cpus, run } = deployed('hybrid', 64, 50_000, { databaseConnections: 1600 });
  let responses = 0;
  const onResponse = () => {
    if (!LOOKS.includes(++responses)) return;
    collectGarbage();
    const { heapUsed } = process.memoryUsage();
    heaps.push(heapUsed);
    // In units of 1024 bytes.
    const most = process.resourceUsage().maxRSS * 1024;
    table.push([shownCount(responses), megabytes(heapUsed), megabytes(most)]);
  };
  // A few more: the number of Poisson arrivals differs by chance.
  simulated({ ...run, requests: 10.1e6, seed }, { cpus, onResponse });
  print(`Memory of one simulation, ${what}:\n${table}`);
  const [first = Number.NaN, last = Number.NaN] = [heaps[0], heaps.at(-1)];
  const isSame = heaps.length === LOOKS.length && last <= SAME_HEAP * first;
  judge(isSame ? [] : [`the heap grows: ${heaps.map(megabytes).join(', ')} MB`]);
}

/** Says what was missed, and ends with 1 if anything was. */
function judge(missed: readonly string[]): void {
  print(missed.length === 0 ? 'Met.\n' : `Missed: ${missed.join('; ')}.\n`);
  if (missed.length > 0) process.exitCode = 1;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const parts = { memory: printMemory, speeds: printSpeeds, waits: printWaits };
for (const [name, printPart] of Object.entries(parts)) if ((values.only ?? name) === name) printPart();
