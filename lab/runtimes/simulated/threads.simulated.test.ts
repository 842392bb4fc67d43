import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Experiment } from '../../../model/experiment.ts';
import { runExperiment } from '../../run/run-experiment.ts';
import { unseen } from '../../run/testdata/nothing-read.ts';
import { experimentWith, waitOn } from '../../search/testdata/cells.ts';
import { measuredService } from '../../simulation/service-model.ts';
import { trialWith } from '../../simulation/testdata/trials.ts';
import { isStoppedAlike, SimulatedRuntime } from './runtime.ts';
import { computeTrial, type TrialToCompute } from './thread.ts';
import { Threads } from './threads.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadline-'));
after(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
let files = 0;
const newFile = () => join(folder, `${files++}.jsonl`);

const cells = [waitOn('sync'), waitOn('threads')];
const runs: [what: string, experiment: Experiment][] = [
  ['rounds of a search', experimentWith(cells)],
  ['blocks', { ...experimentWith(cells, { budget: 3000 }), blocks: 2 }],
  // A look at both cells, a block, and a part of the next.
  ['blocks that a budget cuts short', { ...experimentWith(cells, { budget: 75 }), blocks: 4 }],
];

for (const [what, experiment] of runs) {
  test(`${what} give the same file with 1, 2 and 4 threads, and on the way the same is told`, async () => {
    const [one, ...more] = await Promise.all(
      [1, 2, 4].map(async threads => {
        const path = newFile();
        const told: unknown[] = [];
        const events = {
          ...unseen,
          onTrialProgress: (...given: unknown[]) => void told.push(given),
          onTrialEnd: (result: unknown) => void told.push(result),
        };
        await runExperiment(experiment, new SimulatedRuntime({ cpus: 2, threads }), path, { signal: never, events });
        return { text: readFileSync(path, 'utf8'), told };
      }),
    );
    assert.ok(one && one.text.split('\n').length > 6);
    for (const other of more) assert.deepEqual(other, one);
  });
}

const asked: TrialToCompute = {
  trial: trialWith({ topology: 'sync', load: { model: 'open', arrivalRate: 200 } }),
  model: measuredService,
  cpus: 2,
  slowness: 1,
  objective: { quantile: 0.99, responseTime: 0.25, errorFraction: 0.001 },
};

test('a trial that was computed ahead counts only where it would have been stopped there', () => {
  const computed = computeTrial(asked);
  assert.equal(computed.measurement.stoppedEarly, true);
  let seen = 0;
  const stopsAt = (last: number) => () => (++seen === last ? ('stop' as const) : ('go-on' as const));
  const last = computed.looks.length;
  for (const [at, alike] of [
    [last, true],
    [last - 1, false],
    [last + 1, false],
  ] as const) {
    seen = 0;
    assert.equal(isStoppedAlike(computed, stopsAt(at)), alike, `${at} of ${last}`);
  }
});

test('a thread computes and refuses as this thread would, and goes on after a refusal', async () => {
  const broken = { ...asked, trial: { ...asked.trial, cell: null } } as never;
  const threads = new Threads({ count: 1 });
  const message = /cell|null/;
  assert.throws(() => computeTrial(broken), { message });
  await assert.rejects(threads.compute(broken), { message });
  assert.deepEqual(await threads.compute(asked), computeTrial(asked));
});

for (const [how, program, why] of [
  ['throws', 'throw new Error("no memory is left")', 'no memory is left'],
  ['ends', 'process.exit(7)', 'it ended with 7'],
] as const) {
  test(`a thread that ${how} is an error that says what to do, and the next trial is not lost`, async () => {
    const threads = new Threads({ count: 1, program: new URL(`data:text/javascript,${encodeURIComponent(program)}`) });
    const expected = {
      code: 'simulation-failed',
      message: `The thread that simulated the trial b0-p0 broke down: ${why}. Simulate with fewer threads: --parallel 1`,
    };
    const both = [threads.compute(asked), threads.compute(asked)];
    for (const one of both) await assert.rejects(one, expected);
  });
}

test('an interruption ends the threads in the middle of what they compute', async () => {
  const interruption = new AbortController();
  const runtime = new SimulatedRuntime({ cpus: 2, threads: 2 });
  await using stack = await runtime.start([], interruption.signal);
  const phases = { warmUp: 2, steadyState: 1e6, timeLimit: 1e6 };
  const load = { model: 'open', arrivalRate: 20 } as const;
  const trial = { ...asked.trial, load, phases };
  stack.expect?.([trial, { ...trial, seed: 2 }], asked.objective);
  const options = { signal: interruption.signal, objective: 0.25, onProgress: () => 'go-on' as const };
  const reason = new Error('enough');
  const begin = performance.now();
  setImmediate(() => interruption.abort(reason));
  await assert.rejects(stack.measure(trial, options), error => error === reason);
  // Twenty million requests take much longer.
  assert.ok(performance.now() - begin < 5000, `${performance.now() - begin} ms`);
});
