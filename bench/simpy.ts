import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { seededRandom, shuffled } from '../lab/search/seeded.ts';
import { simulateTrial } from '../lab/simulation/simulate-trial.ts';
import { deploymentOf } from '../model/deployment.ts';
import type { Trial } from '../model/experiment.ts';
import { shownCount } from '../model/quantities.ts';
import { geometricInterval, type Interval, meanInterval } from '../model/statistics.ts';
import { knownQueues, SERVICE_TIME } from './known-queues.ts';

/**
 * How fast SimPy and Loadline simulate one and the same queue, M/M/8 at ρ = 0.8, and whether both wait as Erlang C says.
 *
 *   node bench/simpy.ts [--requests 500000] [--repeats 7] [--seed 1]
 *
 * One after the other, in an order that is drawn anew for each repeat. Each counts the CPU time of its own process, from
 * the first line of the model to the last event, without the start of its interpreter: a second of one core, whatever
 * else the machine does. Node's includes what it compiles and collects beside. Exit code 1: the ratio is less than 20.
 */

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '500000' },
    repeats: { type: 'string', default: '7' },
    seed: { type: 'string', default: '1' },
  },
});
const [requests, repeats, firstSeed] = [values.requests, values.repeats, values.seed].map(Number) as [
  number,
  number,
  number,
];

/** How many times as fast as SimPy Loadline is wanted to be. */
const WANTED = 20;
const BUSY = 0.8;
const SERVERS = 8;
const arrivalRate = (BUSY * SERVERS) / SERVICE_TIME;
const queue = knownQueues.find(({ servers }) => servers === SERVERS);
if (queue === undefined) throw new RangeError('M/M/8 is a known queue');
const { model, meanWaitAt } = queue;

/** One simulation: CPU seconds that it took, and seconds that requests waited on average. */
interface Run {
  readonly seconds: number;
  readonly meanWait: number;
}

function loadline(seed: number, ofRequests = requests): Run {
  const trial: Trial = {
    id: 'run',
    purpose: 'load',
    cell: {
      deployment: deploymentOf('async', 1, { databaseConnections: SERVERS }),
      workload: { name: 'run', requests: [{ weight: 1, route: 'wait', parameters: { ms: SERVICE_TIME * 1000 } }] },
    },
    load: { model: 'open', arrivalRate },
    phases: { warmUp: 0, steadyState: ofRequests / arrivalRate, timeLimit: 1e6 },
    seed,
    block: 0,
    position: 0,
  };
  const begin = process.cpuUsage();
  const { responseTime } = simulateTrial(trial, model, { cpus: 1, objective: 0.25 }).measurement;
  const { user, system } = process.cpuUsage(begin);
  // The number of Poisson arrivals differs from what is asked by chance: the speed is that of those that came.
  return {
    seconds: (((user + system) / 1e6) * ofRequests) / responseTime.count,
    meanWait: responseTime.sum / responseTime.count - SERVICE_TIME,
  };
}

function simpy(python: string, seed: number): Run & { readonly versions: string } {
  const asked = { requests, seed, servers: SERVERS, arrivalRate, serviceTime: SERVICE_TIME };
  const program = join(import.meta.dirname, 'mmc.py');
  return JSON.parse(execFileSync(python, [program, JSON.stringify(asked)], { encoding: 'utf8' }));
}

/** What the machine lacks. */
class Missing extends Error {}

try {
  compare(pythonWithSimpy(join(import.meta.dirname, '..'), say));
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  say(error.message);
  process.exitCode = 3;
}

function compare(python: string): void {
  const random = seededRandom(firstSeed);
  // Python has nothing to compile first.
  loadline(firstSeed, requests / 10);
  const ran = { SimPy: [] as Run[], Loadline: [] as Run[] };
  let versions = '';
  for (let repeat = 0; repeat < repeats; repeat++) {
    const seed = firstSeed + repeat;
    for (const what of shuffled(['SimPy', 'Loadline'] as const, random)) {
      if (what === 'Loadline') ran.Loadline.push(loadline(seed));
      else {
        const run = simpy(python, seed);
        ran.SimPy.push(run);
        versions = run.versions;
      }
    }
  }
  const expected = meanWaitAt(BUSY) / SERVICE_TIME;
  const table = new Table({
    head: ['M/M/8, ρ = 0.8', 'requests a second of CPU', '95 % interval', 'mean wait (service times)', '95 % interval'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
  for (const [what, runs] of Object.entries(ran)) {
    const speed = geometricInterval(runs.map(({ seconds }) => requests / seconds));
    const wait = meanInterval(runs.map(({ meanWait }) => meanWait / SERVICE_TIME));
    table.push([
      what,
      shownCount(speed.estimate),
      shownRange(speed, shownCount),
      wait.estimate.toFixed(4),
      shownRange(wait, fixed),
    ]);
  }
  const ratio = geometricInterval(
    ran.SimPy.map((run, index) => run.seconds / (ran.Loadline[index]?.seconds ?? Number.NaN)),
  );
  print(`${requests} requests each, ${repeats} repeats; ${versions}, Node ${process.versions.node}:\n${table}`);
  print(`By Erlang C requests wait ${expected.toFixed(4)} service times.`);
  print(
    `Loadline ÷ SimPy: ${ratio.estimate.toFixed(1)} [${shownRange(ratio, value => value.toFixed(1))}], wanted: ${WANTED}.`,
  );
  if (ratio.estimate < WANTED) {
    print(`Missed: it is less than ${WANTED}.`);
    process.exitCode = 1;
  } else if (ratio.low < WANTED) {
    print(`Met by the estimate; the interval reaches below ${WANTED}: more repeats would tell.`);
  } else print('Met, by the whole interval.');
}

function shownRange({ low, high }: Interval, shown: (value: number) => string): string {
  return `${shown(low)} to ${shown(high)}`;
}

function fixed(value: number): string {
  return value.toFixed(4);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** The version that the figures in docs/simulation.md are of. */
const SIMPY = '4.1.2';

/** The Python of a virtual environment with SimPy below `root`; made when it is not there. */
function pythonWithSimpy(root: string, say: (line: string) => void): string {
  const folder = join(root, '.loadline/simpy');
  const python = join(folder, 'bin/python');
  if (installed(python) === SIMPY) return python;
  say(`making ${folder} with SimPy ${SIMPY} …`);
  if (!answers('python3', ['--version'])) {
    throw new Missing('python3 is not on this machine: install it (apt-get install python3 python3-venv), and repeat.');
  }
  if (!answers('python3', ['-m', 'venv', '--clear', folder])) {
    throw new Missing(`python3 could not make ${folder}: install its module venv (apt-get install python3-venv).`);
  }
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `simpy==${SIMPY}`];
  if (!answers(python, install) || installed(python) !== SIMPY) {
    throw new Missing(`pip could not install SimPy ${SIMPY} into ${folder}: see what it says above, and repeat.`);
  }
  return python;
}

function installed(python: string): string {
  const program = 'from importlib.metadata import version; print(version("simpy"))';
  return String(spawnSync(python, ['-c', program], { stdio: ['ignore', 'pipe', 'ignore'] }).stdout ?? '').trim();
}

function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
}
