/**
 * Compares k6's lag and CPU time per request between two checkouts, near and above saturation: `hybrid` with so many
 * connections, a stack for each checkout, the same arrivals for both, loads in shuffled order in each round.
 *
 *   node bench/generator.ts --before ../before [--runtime local|compose] [--loads 1800,2600,3400] [--rounds 5] [--connections 80]
 */
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Runtime } from '../lab/run/runtime.ts';
import { seededRandom, shuffled } from '../lab/search/seeded.ts';
import { deploymentOf } from '../model/deployment.ts';
import type { Cell, Trial } from '../model/experiment.ts';
import { quantile } from '../model/histogram.ts';
import type { Measurement } from '../model/measurement.ts';
import { median, pairedRatio } from '../model/statistics.ts';
import { availableCpus } from '../services/cpus.ts';

const { values } = parseArgs({
  options: {
    before: { type: 'string' },
    runtime: { type: 'string', default: 'local' },
    loads: { type: 'string', default: '1800,2600,3400' },
    rounds: { type: 'string', default: '5' },
    connections: { type: 'string', default: '80' },
  },
});
if (values.before === undefined) throw new Error('--before is required, for example --before ../before');
const loads = values.loads.split(',').map(Number);
const rounds = Number(values.rounds);
const SEED = 7;
const OBJECTIVE = 0.25;
const PHASES = { warmUp: 2, steadyState: 5, timeLimit: 2.5 };

const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());
const say = (line: string) => void process.stderr.write(`${line}\n`);

const cell: Cell = {
  deployment: deploymentOf('hybrid', availableCpus(), { databaseConnections: Number(values.connections) }),
  workload: { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] },
};

/** What is compared: of one trial each. */
const figures: readonly { name: string; of: (measurement: Measurement) => number; digits: number }[] = [
  { name: 'lag p99 (ms)', of: ({ scheduleLag }) => 1000 * quantile(scheduleLag, 0.99), digits: 1 },
  { name: 'k6 CPU a request (ms)', of: ({ serviceDemand }) => 1000 * serviceDemand.k6, digits: 3 },
  {
    name: 'CPU of the service a request (ms)',
    of: ({ serviceDemand: { nginx, workers, postgres } }) => 1000 * (nginx + workers + postgres),
    digits: 3,
  },
  { name: 'completed (1/s)', of: ({ throughput }) => throughput, digits: 0 },
];

await using before = await startGeneratorStack(resolve(values.before));
await using after = await startGeneratorStack(join(import.meta.dirname, '..'));
const stacks = { before, after };
for (const stack of Object.values(stacks)) await stack.warmUp(cell, signal);

const found = { before: new Map<number, Measurement[]>(), after: new Map<number, Measurement[]>() };
for (let round = 0; round < rounds; round++) {
  say(`round ${round + 1} of ${rounds}`);
  const random = seededRandom(SEED, round);
  const seeds = new Map(loads.map(load => [load, Math.floor(random() * 2 ** 31)]));
  const trials = loads.flatMap(arrivalRate => (['before', 'after'] as const).map(which => ({ arrivalRate, which })));
  for (const [position, { arrivalRate, which }] of shuffled(trials, random).entries()) {
    const trial: Trial = {
      ...{ id: `r${round}-p${position}`, purpose: 'capacity', cell, phases: PHASES, block: round, position },
      ...{ load: { model: 'open', arrivalRate }, seed: seeds.get(arrivalRate) ?? SEED },
    };
    const measurement = await stacks[which].measure(trial, { signal, objective: OBJECTIVE, onProgress: () => 'go-on' });
    const own = found[which].get(arrivalRate) ?? [];
    own.push(measurement);
    found[which].set(arrivalRate, own);
  }
}

process.stdout.write(
  `| offered (1/s) | figure | before, median | after, median | after ÷ before |\n|---:|:---|---:|---:|---:|\n`,
);
for (const load of loads) {
  for (const { name, of, digits } of figures) {
    const [old, own] = (['before', 'after'] as const).map(which => (found[which].get(load) ?? []).map(of));
    if (old === undefined || own === undefined) continue;
    const { estimate, low, high } = pairedRatio(byRound(own), byRound(old));
    const ratio = `${estimate.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}]`;
    process.stdout.write(
      `| ${load} | ${name} | ${median(old).toFixed(digits)} | ${median(own).toFixed(digits)} | ${ratio} |\n`,
    );
  }
}

/** A stack of a checkout, by that checkout's own code. */
async function startGeneratorStack(root: string) {
  const from = (path: string) => import(pathToFileURL(join(root, path)).href);
  const runtime: Runtime =
    values.runtime === 'compose'
      ? await (await from('lab/runtimes/compose/runtime.ts')).ComposeRuntime.on(
          { root, say, engine: await (await from('lab/runtimes/compose/engine.ts')).findEngine() },
          signal,
        )
      : new (await from('lab/runtimes/local/runtime.ts')).LocalRuntime({ root, say });
  return runtime.start([cell.deployment], signal);
}

function byRound(found: readonly number[]): Map<number, number> {
  return new Map(found.entries());
}
