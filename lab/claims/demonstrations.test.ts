import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../model/deployment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import type { TopologyName } from '../../model/topology.ts';
import { claimTexts, fillText, type StackSizes, type TopologyReading, type TourAnswer } from './demonstration.ts';
import { demonstrations } from './demonstrations.ts';

type Step = keyof typeof demonstrations;

function stackWith(cpus: number): StackSizes {
  const deployment = (topology: TopologyName) => deploymentOf(topology, cpus);
  const workers = (topology: TopologyName) => deriveParallelism(deployment(topology)).workers;
  return { cpus, deployment, workers, most: { users: 500, databaseConnections: 200 }, objective: 0.25 };
}

function reading(topology: TopologyName, told: Partial<TopologyReading>): TopologyReading {
  return {
    ...{ topology, throughputs: [], responseTimes: [], databaseWait: 0.02, mostInProgress: [] },
    ...{ machine: 0.5, hostCpus: 2, cpus: 1, memory: 100e6 },
    ...told,
  };
}

/** Batch means around a throughput, with this relative spread. */
function around(throughput: number, spread = 0.01): number[] {
  return [-1.2, 0.4, 1, -0.6, 0.9, -0.5].map(deviation => throughput * (1 + spread * deviation));
}

const loaded = (
  topology: TopologyName,
  throughput: number,
  told: Partial<TopologyReading> & { spread?: number } = {},
) => reading(topology, { ...told, throughputs: around(throughput, told.spread) });
const burst = (topology: TopologyName, last: number, ...mostInProgress: number[]) =>
  reading(topology, { responseTimes: [0.1, last], databaseWait: 0.1, mostInProgress });
const oneTooMany = (...responseTimes: number[]) => [reading('sync', { responseTimes, databaseWait: 0.2 })];
const inWaves = burst('sync', 2.52, 1, 1, 1, 1);
const inTurn = (one: TopologyName, first: number, second: number, spread = 0.01) => [
  loaded(one, first, { spread }),
  loaded('hybrid', second, { spread, machine: 1, cpus: 1.8 }),
];
const quiet = (pool: number, loops: number, spread = 1) =>
  [pool, loops].map((milliseconds, index) =>
    reading(index === 0 ? 'sync' : 'hybrid', {
      responseTimes: Array.from({ length: 50 }, (_, place) => (milliseconds + ((place % 5) - 2) * spread) / 1000),
    }),
  );
const growing = (throughput: number, memory: number, spread = 0.01) => [
  loaded('sync', 39, { memory: 80e6 }),
  loaded('threads', 156, { memory: 180e6 }),
  loaded('sync-threads', throughput, { memory, spread }),
  loaded('hybrid', 312, { memory: 130e6, spread }),
];
/** 40 connections, then 10, each held for 20 ms. */
const limited = (many: number, few: number, machine = 0.6) => [
  reading('hybrid', { databaseWait: 0.02 }),
  loaded('hybrid', many, { spread: 0.001, machine }),
  loaded('hybrid', few, { spread: 0.001, machine }),
];
/** A hundred light requests, of which so many take 1.2 s beside one of 1.5 s. */
const held = (...slow: [sync: number, async: number, hybrid: number]) => {
  const light = (late: number, seconds: number) => [...Array(100 - late).fill(0.002), ...Array(late).fill(seconds)];
  const topologies = ['sync', 'async', 'hybrid'];
  return [
    ...topologies.map(topology => reading(topology, { responseTimes: light(2, 0.004) })),
    ...slow.map((late, index) => reading(topologies[index] ?? '', { responseTimes: [...light(late, 1.2), 1.5] })),
  ];
};
/** Throughput and busy CPUs of the pool, then of the loops. */
const waits = (...both: [number, number][]) =>
  both.map(([throughput, machine], index) => loaded(index === 0 ? 'sync' : 'hybrid', throughput, { machine }));
const allCpus = (one: number, all: number, told: Partial<TopologyReading> & { spread?: number } = {}) => [
  loaded('async', one, told),
  loaded('hybrid', all, { machine: 1, cpus: 1.8, ...told }),
];

/** On four CPUs C1 and C2, on two the others. */
const cases: [Step, TourAnswer, shown: boolean | string, when: string, readings: TopologyReading[]][] = [
  ['C1', 2, true, 'four at once and one after two services', oneTooMany(0.202, 0.203, 0.204, 0.206, 0.41)],
  ['C1', 0, false, 'the last one with the others', oneTooMany(0.202, 0.203, 0.204, 0.206, 0.21)],
  ['C1', 1, false, 'the last one after one and a half', oneTooMany(0.2, 0.2, 0.2, 0.2, 0.31)],
  ['C1', 3, false, 'the last one after three', oneTooMany(0.2, 0.2, 0.2, 0.2, 0.61)],
  ['C1', 2, false, 'two that had to wait', oneTooMany(0.2, 0.2, 0.2, 0.4, 0.41)],
  ['C2', 1, true, 'waves, and loops that hold a quarter each', [inWaves, burst('hybrid', 0.13, 24, 26, 25, 25)]],
  ['C2', 0, false, 'waves at both', [inWaves, burst('hybrid', 2.5, 1, 1, 1, 1)]],
  ['C2', 2, false, 'a pool that is soon done', [burst('sync', 0.15, 25, 25), burst('hybrid', 0.14, 25, 25, 25, 25)]],
  ['C2', 3, false, 'loops that take longer than the pool', [inWaves, burst('hybrid', 3, 25, 25, 25, 25)]],
  ['C2', 1, false, 'requests that all go to one loop', [inWaves, burst('hybrid', 0.19, 100, 0, 0, 0)]],
  ['C2', 'none', false, 'loops that are slow, not in waves', [inWaves, burst('hybrid', 0.6, 25, 25, 25, 25)]],
  ['C3', 2, '0.979 [0.968, 0.99]', 'throughputs within a tenth', inTurn('sync', 380, 372)],
  ['C3', 1, '1.5 [1.48, 1.52]', 'loops that answer half as much again', inTurn('sync', 380, 570)],
  ['C3', 0, true, 'a pool that does', inTurn('sync', 570, 380)],
  ['C3', 'undecided', '0.979 [0.777, 1.23]', 'a machine that is too noisy', inTurn('sync', 380, 372, 0.2)],
  ['C4', 1, true, 'more throughput with busier CPUs', waits([94, 0.12], [1850, 0.93])],
  ['C4', 2, false, 'more with idle CPUs', waits([94, 0.12], [1850, 0.2])],
  ['C4', 'undecided', false, 'CPUs that others fill', waits([72, 1], [430, 1])],
  ['C4', 0, false, 'as much', waits([94, 0.12], [94.2, 0.12])],
  ['C4', 3, false, 'less', waits([94, 0.12], [50, 0.12])],
  ['C5', 2, '1 [0.956, 1.05]', 'equal medians', quiet(22, 22)],
  ['C5', 1, true, 'loops in half the time', quiet(44, 22)],
  ['C5', 0, true, 'a pool in half the time', quiet(22, 44)],
  ['C5', 'undecided', true, 'a machine that is too noisy', quiet(22, 22, 6)],
  ['C7', 2, 'for 3 times the memory', 'workers that match the loops with more memory', growing(310, 390e6)],
  ['C7', 0, true, 'workers that serve half as much', growing(156, 390e6)],
  ['C7', 1, true, 'workers that match them with no more memory', growing(310, 120e6)],
  ['C7', 3, true, 'workers that serve more', growing(400, 390e6)],
  ['C7', 'undecided', false, 'a machine that is too noisy', growing(300, 390e6, 0.2)],
  ['C8', 1, '0.99 of 40 ÷ hold time', 'throughput of connections ÷ hold time', limited(1980, 502)],
  ['C8', 1, 'CPUs gave out first: 98 % busy', 'CPUs that are used up by many connections', limited(1500, 495, 0.98)],
  ['C8', 0, false, 'a throughput that does not fall', limited(900, 890)],
  ['C8', 2, false, 'one that falls a little', limited(900, 600)],
  ['C8', 3, false, 'one that falls to nothing', limited(1980, 50, 0.2)],
  ['C9', 1, 'on async 60 % (p99 1.2 s, alone 4 ms)', 'waits on the one loop alone', held(0, 60, 1)],
  ['C9', 0, false, 'no waits', held(0, 1, 1)],
  ['C9', 2, true, 'waits everywhere', held(40, 60, 30)],
  ['C9', 3, false, 'waits in the pool alone', held(40, 0, 0)],
  ['C12', 1, '1.79 [1.77, 1.81]', 'as much more as there are CPUs left', allCpus(190, 340)],
  ['C12', 0, false, 'as much as one loop', allCpus(190, 192)],
  ['C12', 3, false, 'more than the CPUs allow', allCpus(190, 500)],
  ['C12', 'undecided', false, 'a machine that is too noisy', allCpus(190, 285, { spread: 0.3 })],
  ['C12', 'undecided', false, 'too few CPUs left', allCpus(35, 105, { cpus: 0.4 })],
  ['C12', 2, false, 'far less than the CPUs allow', allCpus(190, 285)],
  ['C12', 1, 'left 2 CPUs', 'two of eight CPUs', allCpus(190, 380, { hostCpus: 8, machine: 0.625, cpus: 2 })],
  ['C12', 1, '1.35', 'as much as the few CPUs that are left', allCpus(201, 271, { cpus: 1.27 })],
];

test('each demonstration finds the guess that its readings support, and says when the claim is not shown', () => {
  for (const [step, answer, shown, when, readings] of cases) {
    const stack = stackWith(step === 'C1' || step === 'C2' ? 4 : 2);
    const outcome = demonstrations[step].plan(stack).judge(readings);
    assert.equal(outcome.answer, answer, `${step}, ${when}: ${outcome.sentence}`);
    assert.doesNotMatch(outcome.sentence, /NaN|undefined|Infinity|\?/);
    if (typeof shown === 'string') assert.ok(outcome.sentence.includes(shown), outcome.sentence);
    else if (shown !== !/not shown/.test(outcome.sentence)) assert.fail(`${step}, ${when}: ${outcome.sentence}`);
    assert.deepEqual(Object.keys(outcome.figures), Object.keys(claimTexts[step].figures ?? {}), step);
  }
});

test('figures are those of the readings', () => {
  const figuresOf = (step: Step, cpus: number, readings: TopologyReading[]) =>
    demonstrations[step].plan(stackWith(cpus)).judge(readings).figures;
  const burstFigures = figuresOf('C2', 4, [inWaves, burst('hybrid', 0.13, 24, 26, 25, 25)]);
  assert.deepEqual(burstFigures['all answered after'], { sync: 2.52, hybrid: 0.13 });
  assert.deepEqual(burstFigures['held by the worker with most'], { sync: 1, hybrid: 26 });
  assert.deepEqual(burstFigures['held by the worker with fewest'], { hybrid: 24 });
  assert.deepEqual(figuresOf('C7', 2, growing(310, 390e6))['memory for each request at once'], {
    ...{ sync: 40e6, threads: 22.5e6, 'sync-threads': 24.375e6, hybrid: 8.125e6 },
  });
  assert.deepEqual(figuresOf('C9', 2, held(0, 60, 1)), {
    'light requests held up': { sync: 0, async: 0.6, hybrid: 0.01 },
    'p99 alone': { sync: 0.004, async: 0.004, hybrid: 0.004 },
    'p99 beside the one that computes': { sync: 0.002, async: 1.2, hybrid: 0.002 },
    'longest beside it': { sync: 0.002, async: 1.2, hybrid: 1.2 },
  });
});

test('on a machine of any size the texts have all their figures, and no two guesses are the same', () => {
  for (const cpus of [1, 2, 8, 32]) {
    for (const [step, { plan }] of Object.entries(demonstrations)) {
      const { look = '', question = '', guesses = [], why = '' } = claimTexts[step as Step];
      const { facts, load } = plan(stackWith(cpus));
      const filled = [look, question, why, ...guesses].map(text => fillText(text, facts));
      assert.doesNotMatch(filled.join(' '), /NaN|undefined|Infinity|(?<![\d.,])0(?![\d.,])/, step);
      assert.equal(new Set(filled).size, guesses.length + 3, step);
      if (load.model === 'closed') assert.ok(load.users <= 500, step);
    }
  }
});
