import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Deployment, deploymentName, deploymentOf } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Experiment } from '../../model/experiment.ts';
import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import { seededRandom } from '../search/seeded.ts';
import { experimentWith, waitOn } from '../search/testdata/cells.ts';
import { runExperiment } from './run-experiment.ts';
import type { Runtime, Stack } from './runtime.ts';
import { unseen } from './testdata/nothing-read.ts';
import { readTrials } from './trials-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadline-'));
after(() => rmSync(folder, { recursive: true }));
const never = new AbortController().signal;
let files = 0;
const newFile = () => join(folder, `${files++}.jsonl`);

const options = { signal: never, events: unseen };
const simulated = () => new SimulatedRuntime({ cpus: 2 });

const small: Experiment = experimentWith([waitOn('sync'), waitOn('threads')], { budget: 90 });
const inBlocks: Experiment = { ...experimentWith([waitOn('sync'), waitOn('threads')], { budget: 300 }), blocks: 2 };

/** The simulated runtime, which writes down what it deploys and stops, and may be changed. */
function watched(change: (stack: Stack) => Partial<Stack> = () => ({})) {
  const inner = simulated();
  const happened: string[] = [];
  const runtime: Runtime = {
    name: 'simulated',
    availableCpus: 2,
    async start(deployments: readonly Deployment[], signal, experiment) {
      happened.push(`start ${deployments.map(deploymentName).sort().join(' ')}`);
      const stack = await inner.start(deployments, signal, experiment);
      return {
        endpoints: stack.endpoints,
        environment: stack.environment,
        now: () => stack.now(),
        warmUp: async cell => void happened.push(`warm up ${deploymentName(cell.deployment)}`),
        measure: (trial, given) => {
          happened.push(`measure in block ${trial.block}`);
          return stack.measure(trial, given);
        },
        stop: async () => void happened.push('stop'),
        [Symbol.asyncDispose]: () => stack.stop(),
        ...change(stack),
      };
    },
  };
  return { runtime, happened };
}

const both = `start ${['sync', 'threads'].map(name => deploymentName(deploymentOf(name as 'sync', 2))).join(' ')}`;

test('with one block everything is deployed once, warmed up once, and stopped at the end', async () => {
  const { runtime, happened } = watched();
  const { results } = await runExperiment(small, runtime, newFile(), options);
  assert.ok(results.length > 2);
  assert.deepEqual(happened.slice(0, 3), [both, 'warm up sync-2x1-2', 'warm up threads-1x8-8']);
  assert.equal(happened.filter(what => !what.startsWith('measure')).length, 4);
  assert.equal(happened.at(-1), 'stop');
});

test('with several blocks each has a stack of its own, and the one before is stopped first', async () => {
  const { runtime, happened } = watched();
  const { results } = await runExperiment(inBlocks, runtime, newFile(), options);
  const blocks = new Set(results.map(({ trial }) => trial.block));
  assert.ok(blocks.size >= 3, 'a first look and two blocks');
  assert.deepEqual(
    happened.filter(what => /^(start|stop)/.test(what)),
    [...blocks].flatMap(() => [both, 'stop']),
  );
  const measured = happened.join('\n').split('stop\n');
  for (const stack of measured) assert.equal(new Set(stack.match(/block \d+/g)).size, 1, stack);
});

test('the start of a block counts into the budget, the first start does not', async () => {
  let clock = 0;
  const { runtime } = watched(stack => ({
    now: () => clock,
    measure: async (trial, given) => {
      const measurement = await stack.measure(trial, given);
      clock += 10;
      return measurement;
    },
  }));
  const { start } = runtime;
  const slow: Runtime = {
    ...runtime,
    start: (...given) => {
      clock += 5;
      return start(...given);
    },
  };
  const { results } = await runExperiment(inBlocks, slow, newFile(), options);
  const isFirst = ({ trial }: (typeof results)[number], index: number) =>
    index > 0 && trial.block !== results[index - 1]?.trial.block;
  assert.deepEqual(
    results.map(({ elapsed }) => elapsed),
    results.map((result, index) => (isFirst(result, index) ? 15 : 10)),
  );
});

test('a trial that fails is a result, and the run goes on with the same stack', async () => {
  let trials = 0;
  const { runtime, happened } = watched(stack => ({
    measure: async (trial, given) => {
      if (trials++ === 1) throw new Error('k6 ended');
      return stack.measure(trial, given);
    },
  }));
  const { results } = await runExperiment(small, runtime, newFile(), options);
  assert.deepEqual(results.map(({ state }) => state).slice(0, 3), ['completed', 'failed', 'completed']);
  assert.equal(happened.filter(what => what === both).length, 1);
});

for (const [experiment, block] of [
  [small, 0],
  [inBlocks, 1],
] as const) {
  test(`in a run of ${experiment.blocks} blocks, a deployment that does not drain is started again before the next trial`, async () => {
    const { runtime, happened } = watched(stack => ({
      measure: async (trial, given) => {
        const isFirst = trial.block === block && !happened.includes('not drained');
        happened.push(isFirst ? 'not drained' : `measure in block ${trial.block}`);
        if (isFirst) throw new LoadlineError('not-drained', 'still at work');
        return stack.measure(trial, given);
      },
    }));
    await runExperiment(experiment, runtime, newFile(), options);
    const next = happened.slice(happened.indexOf('not drained') + 1);
    const upToNextTrial = next.slice(0, next.findIndex(what => what.startsWith('measure')) + 1);
    assert.deepEqual(
      upToNextTrial.map(what => what.replace(/ (sync|threads)-.*/, '')),
      ['stop', 'start', 'warm up', 'warm up', `measure in block ${block}`],
    );
  });
}

test('an interruption stops what was deployed, and what was measured is in the file', async () => {
  const path = newFile();
  const interruption = new AbortController();
  const { runtime, happened } = watched();
  const events = { ...unseen, onTrialEnd: () => interruption.abort(new Error('enough')) };
  await assert.rejects(runExperiment(small, runtime, path, { signal: interruption.signal, events }), /enough/);
  assert.equal(happened.at(-1), 'stop');
  assert.equal(readTrials(path).results.length, 1);
});

test('a budget without time for a single trial is refused before anything is deployed', async () => {
  const { runtime, happened } = watched();
  await assert.rejects(runExperiment({ ...small, budget: 1 }, runtime, newFile(), options), {
    code: 'nothing-measured',
  });
  assert.deepEqual(happened, []);
});

for (const experiment of [small, inBlocks]) {
  test(`a run of ${experiment.blocks} blocks that is cut off at any byte goes on to the same results`, async () => {
    const whole = newFile();
    await runExperiment(experiment, simulated(), whole, options);
    const text = readFileSync(whole, 'utf8');
    const header = text.indexOf('\n') + 1;
    const random = seededRandom(11, experiment.blocks);
    for (let round = 0; round < 5; round++) {
      const path = newFile();
      writeFileSync(path, text.slice(0, header + Math.floor(random() * (text.length - header))));
      const before = readTrials(path);
      await runExperiment(before.experiment, simulated(), path, { ...options, before });
      const lines = readFileSync(path, 'utf8').split('\n');
      assert.equal(lines.filter(line => !line.startsWith('{"state":"resumed"')).join('\n'), text);
    }
  });
}

test('a run that is done deploys nothing when it is resumed', async () => {
  const path = newFile();
  await runExperiment(small, simulated(), path, options);
  const text = readFileSync(path, 'utf8');
  const { runtime, happened } = watched();
  await runExperiment(small, runtime, path, { ...options, before: readTrials(path) });
  assert.deepEqual(happened, []);
  assert.equal(readFileSync(path, 'utf8'), text);
});

test('a run is not resumed on another machine, and other changes of its environment are told', async () => {
  const path = newFile();
  await runExperiment({ ...small, budget: 15 }, simulated(), path, options);
  const before = readTrials(path);
  const on = (environment: Record<string, unknown>) => watched(() => ({ environment })).runtime;
  const { environment } = before;
  await assert.rejects(runExperiment(small, on({ ...environment, availableCpus: 8 }), path, { ...options, before }), {
    code: 'run-not-resumable',
    message: /\(availableCpus 2, here 8\)/,
  });
  // The model of the CPU is compared before a stack is started.
  const { runtime, happened } = watched();
  const elsewhere = { ...before, environment: { ...environment, cpuModel: 'another' } };
  await assert.rejects(runExperiment(small, { ...runtime, name: 'local' }, path, { ...options, before: elsewhere }), {
    code: 'run-not-resumable',
    message: /cpuModel another, here/,
  });
  assert.deepEqual(happened, []);
  const told: unknown[] = [];
  const events = { ...unseen, onResume: (changes: unknown) => void told.push(changes) };
  await runExperiment(small, on({ ...environment, node: 'v25' }), path, { signal: never, events, before });
  assert.deepEqual(told, [{ node: [undefined, 'v25'] }]);
  assert.deepEqual(
    readTrials(path).resumptions.map(({ budget }) => budget),
    [90],
  );
});
