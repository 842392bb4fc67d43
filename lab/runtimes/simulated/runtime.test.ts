import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { topologyOf } from '../../../model/topology.ts';
import type { MeasureOptions } from '../../run/runtime.ts';
import { trialWith } from '../../simulation/testdata/trials.ts';
import { SimulatedRuntime } from './runtime.ts';

const never = new AbortController().signal;
const noisy = { seed: 3, blocks: 4, noise: { betweenTrials: 0.03, betweenBlocks: 0.05, source: 'assumed' } } as const;
const trial = trialWith({ topology: 'hybrid', load: { model: 'open', arrivalRate: 800 } });
const options: MeasureOptions = { signal: never, objective: 0.25, onProgress: () => 'go-on' };

test('a trial measures the same on every stack that is started for the same experiment', async () => {
  const measured = async () => {
    await using stack = await new SimulatedRuntime({ cpus: 2 }).start([trial.cell.deployment], never, noisy);
    return stack.measure(trial, options);
  };
  assert.deepEqual(await measured(), await measured());
});

test('the workers of another block are faster or slower', async () => {
  await using stack = await new SimulatedRuntime({ cpus: 2 }).start([trial.cell.deployment], never, noisy);
  const [one, other] = [await stack.measure(trial, options), await stack.measure({ ...trial, block: 1 }, options)];
  assert.notEqual(one.responseTime.sum, other.responseTime.sum);
});

test('a trial takes its simulated time of the budget, from one stack to the next', async () => {
  const runtime = new SimulatedRuntime({ cpus: 2 });
  const first = await runtime.start([trial.cell.deployment], never);
  assert.equal(first.now(), 0);
  await first.measure(trial, options);
  assert.ok(first.now() > 12 && first.now() < 12.5, `${first.now()} s`);
  const second = await runtime.start([trial.cell.deployment], never);
  assert.equal(second.now(), first.now());
});

test('a deployment with workers that the simulation does not know is refused before anything is measured', async () => {
  const four = deploymentOf({ ...topologyOf('sync'), concurrencyLimit: 4 }, 2);
  await assert.rejects(
    new SimulatedRuntime({ cpus: 2 }).start([four], never),
    (error: unknown) => error instanceof LoadlineError && error.code === 'topology-not-simulated',
  );
});
