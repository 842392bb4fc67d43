import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClaimId, claimIds } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import { experimentWith } from '../search/testdata/cells.ts';
import type { ClaimVerdict, Decision } from './claim.ts';
import { claimVerdicts } from './claims.ts';
import {
  constructed,
  histogramWith,
  type Measured,
  withBurst,
  withResponses,
  workersWith,
} from './testdata/constructed.ts';

const idle = { cpu: 0.3, workers: 0.3, 'database-connections': 0.3, nginx: 0.1 };
const CONNECTIONS = [5, 10, 20, 40, 80];

/** Four responses after one service time of 0.2 s, and one after so many. */
const five = (last: number): Measured => ({
  burst: wobble => ({ ...withBurst([0.2, 0.2, 0.2, 0.2, last * 0.2 * wobble]), workers: workersWith(0.2) }),
});

/** A pool that answers one of every four requests `together` after so many waves, and loops that hold so many. */
const hundred = (waves: number, held: number): Measured => ({
  pool: () => ({
    ...withBurst(Array.from({ length: 100 }, (_, index) => 0.8 * Math.ceil(((index + 1) / 100) * waves))),
    workers: workersWith(0.8),
  }),
  loops: wobble => ({ ...withBurst(Array(100).fill(0.85)), workers: workersWith(0.8, Array(4).fill(held * wobble)) }),
});

/** Medians of `sync`, and those of `async-express` in these parts, so many times as long. */
const medians = (names: readonly string[], ratio: number): Measured =>
  Object.fromEntries(
    names.flatMap(name => [
      [`${name} sync`, () => withResponses(0.01)],
      [`${name} async-express`, (wobble: number) => withResponses(0.01 * ratio * wobble)],
    ]),
  );

/** Sixteen blocking workers that carry the load or miss it, and take so much memory beside loops with 100 MB. */
const ladder = (isCarried: boolean, bytes: number, utilisation: Partial<typeof idle> = {}): Measured => {
  const blocking = (wobble: number): Partial<Measurement> => ({
    ...withResponses(isCarried ? 0.1 : 0.4),
    memory: { nginx: 0, workers: bytes * wobble * (isCarried ? 1 : 4), postgres: 0, k6: 0 },
    utilisation: { ...idle, ...utilisation },
  });
  return {
    hybrid: () => ({ ...withResponses(0.1), memory: { nginx: 0, workers: 100e6, postgres: 0, k6: 0 } }),
    'threads 8': () => withResponses(0.4),
    'sync 8': () => withResponses(0.4),
    'threads 16': blocking,
    'sync 16': blocking,
  };
};

/** So much of connections ÷ hold time, and which resource is busy. */
const pools = (part: number, utilisation: typeof idle): Measured => ({
  light: () => ({ workers: workersWith(0.02) }),
  ...Object.fromEntries(
    CONNECTIONS.map(connections => [
      `${connections} connections`,
      (wobble: number) => ({ throughput: (part * wobble * connections) / 0.02, utilisation }),
    ]),
  ),
});

/** Light requests of which a twentieth takes so many times as long beside heavy ones. */
const heavy = (times: number): Measured => ({
  'async alone': () => withResponses(0.004),
  'async beside': wobble => ({
    responseTime: histogramWith([
      [0.004, 950],
      [0.004 * times * wobble, 45],
      [0.25, 5],
    ]),
  }),
});

/** With a service time of 50 ms Erlang C gives 5 workers; what part of the requests is over the objective with 3 and 6. */
const sizes = (withThree: number, withSix: number): Measured => ({
  look: () => ({ workers: workersWith(0.05) }),
  ...Object.fromEntries(
    [withThree, 0.02, 0, withSix].map((over, index) => [
      `${index + 3} workers`,
      (wobble: number) => ({ ...withResponses(0.05), responseTime: late(over * wobble) }),
    ]),
  ),
});

const late = (over: number) =>
  histogramWith([
    [0.05, 1000 - Math.round(1000 * over)],
    [0.5, Math.round(1000 * over)],
  ]);

/** Milliseconds of CPU that a request takes more on threads, at few and at many in progress. */
const switching = (few: number, many: number): Measured =>
  Object.fromEntries(
    [8, 32, 128].flatMap(concurrency => [
      [
        `threads ${concurrency}`,
        (wobble: number) => demand(concurrency === 128 ? 1 + wobble * many : 1 + (2 - wobble) * few),
      ],
      [`async-express ${concurrency}`, () => demand(1)],
    ]),
  );

const demand = (milliseconds: number): Partial<Measurement> => ({
  serviceDemand: { nginx: 0, workers: milliseconds / 1000, postgres: 0, k6: 0 },
});

const connectionsBusy = { ...idle, 'database-connections': 0.99 };
const cases: [id: ClaimId, verdict: Decision, when: string, measured: Measured, spread?: number][] = [
  ['C1', 'supported', 'the fifth of five responses takes two service times', five(2)],
  ['C1', 'refuted', 'the fifth response comes with the others', five(1)],
  ['C1', 'not shown', 'the fifth response comes now earlier, now later', five(1.8), 0.5],
  ['C2', 'supported', 'the pool takes 25 waves and the loops hold 25 each', hundred(25, 25)],
  ['C2', 'refuted', 'the pool answers all at once', hundred(1, 25)],
  ['C2', 'refuted', 'the loops hold a few each', hundred(25, 4)],
  ['C2', 'not shown', 'the loops hold now more, now fewer', hundred(25, 25), 0.3],
  ['C5', 'supported', 'medians are alike', medians(['wait', 'item'], 1.02)],
  ['C5', 'refuted', 'medians differ by half', medians(['wait', 'item'], 1.5)],
  ['C5', 'not shown', 'blocks differ', medians(['wait', 'item'], 1.02), 0.2],
  ['C6', 'supported', 'async is a little slower', medians(['alone', 'rate'], 1.1)],
  ['C6', 'refuted', 'async is faster', medians(['alone', 'rate'], 0.7)],
  ['C6', 'not shown', 'blocks differ', medians(['alone', 'rate'], 1), 0.2],
  ['C7', 'supported', 'sixteen workers carry the load, with more memory', ladder(true, 400e6)],
  ['C7', 'refuted', 'sixteen workers carry the load, with less memory', ladder(true, 50e6)],
  ['C7', 'refuted', 'the CPU stops them first', ladder(false, 400e6, { cpu: 0.95 })],
  ['C7', 'not shown', 'there are too few workers yet', ladder(false, 400e6, { workers: 0.99 })],
  ['C8', 'supported', 'throughput is connections ÷ hold time', pools(0.99, connectionsBusy)],
  ['C8', 'refuted', 'throughput is half of it, with all connections in use', pools(0.5, connectionsBusy)],
  ['C8', 'not shown', 'blocks differ', pools(1, connectionsBusy), 0.1],
  ['C8', 'not shown', 'another resource gives out first, always', pools(0.5, { ...idle, cpu: 0.98 })],
  ['C9', 'supported', 'light requests wait for heavy ones', heavy(50)],
  ['C9', 'refuted', 'light requests do not wait for heavy ones', heavy(1)],
  ['C9', 'not shown', 'they wait in some blocks', heavy(2.5), 0.6],
  ['C10', 'supported', 'two fewer are too few, and one more is enough', sizes(0.5, 0)],
  ['C10', 'refuted', 'one more is not enough', sizes(0.5, 0.2)],
  ['C10', 'refuted', 'two fewer are enough', sizes(0, 0)],
  ['C10', 'not shown', 'with two fewer blocks differ', sizes(0.1, 0), 0.9],
  ['C11', 'supported', 'the difference grows', switching(0.1, 0.5)],
  ['C11', 'refuted', 'the difference shrinks', switching(0.5, 0.1)],
  ['C11', 'not shown', 'it does neither', switching(0.3, 0.3), 0.3],
];

test('each claim is supported, refuted or not shown by its measurements', () => {
  for (const [id, verdict, when, measured, spread] of cases) {
    const judged = judge(constructed(id, measured, spread));
    assert.equal(judged.verdict, verdict, `${id} when ${when}: ${judged.sentence}`);
    assert.doesNotMatch(judged.sentence, /NaN|undefined|Infinity/);
    for (const { label, estimate, low = estimate, high = estimate } of judged.figures) {
      assert.ok(Number.isFinite(estimate) && low <= estimate && estimate <= high, label);
    }
  }
});

test('without results every claim is unmeasured', () => {
  const none = claimVerdicts({ ...experimentWith([]), blocks: 4, claims: claimIds }, []);
  assert.deepEqual(new Set(none.map(({ verdict }) => verdict)), new Set(['unmeasured']));
});

test('one block is not enough for a verdict', () => {
  const { experiment, results } = constructed('C6', medians(['alone', 'rate'], 1.1));
  const first = results.filter(({ trial }) => trial.block === 0);
  assert.equal(judge({ experiment, results: first }).verdict, 'unmeasured');
});

test('a machine with fewer CPUs than the claim has loops is mentioned', () => {
  const { experiment, results } = constructed('C2', hundred(25, 25));
  const on = (cpus: number) => judge({ experiment: { ...experiment, cpus }, results }).instead;
  assert.match(on(2) ?? '', /2 CPUs/);
  assert.equal(on(4), undefined);
});

function judge({ experiment, results }: ReturnType<typeof constructed>): ClaimVerdict {
  return claimVerdicts(experiment, results)[0] ?? assert.fail('no verdict');
}
