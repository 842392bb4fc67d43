import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import * as plan from './plan.ts';
import { runCommand } from './testdata/command.ts';
import { writeMeasuredRun } from './testdata/measured-run.ts';

let root: string;
before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-plan-'));
  for (const name of ['measured', 'waits', 'limited', 'mixed'] as const) writeMeasuredRun(root, name);
});
after(() => rmSync(root, { recursive: true }));

const planned = (...words: string[]) => runCommand(plan, root, ['plan', ...words]);

test('a plan says what to run, at what it would be, what else would do and what it rests on', async () => {
  const { printed, error } = await planned('measured', '--arrival-rate', '600', '--headroom', '0.2');
  assert.equal(error, undefined);
  assert.match(printed, /^Run hybrid-2x1-\d+/);
  for (const named of [
    /async-express/,
    /750\/s/,
    /5 trials of 3 cells/,
    /--extrapolate/,
    /plan measured --score/,
    /--workload .*cpu/,
  ]) {
    assert.match(printed, named);
  }
  for (const line of printed.split('\n')) assert.ok(line.length <= 80, line);
});

test('a plan leaves out cells with limits of containers, and says so', async () => {
  const words = ['limited', '--arrival-rate', '300', '--json'];
  const { plan, warnings } = JSON.parse((await planned(...words)).printed);
  assert.deepEqual([plan.restsOn.trials, plan.restsOn.cells], [2, ['wait on hybrid-2x1-40']]);
  assert.match(warnings.join('\n'), /not fitted to cells with limits of containers \(wait on hybrid-2x1-40-n200m\)/);
});

test('a plan leaves out hidden cells, and says so', async () => {
  const { plan, warnings } = JSON.parse((await planned('mixed', '--arrival-rate', '300', '--json')).printed);
  assert.deepEqual([plan.restsOn.trials, plan.restsOn.cells], [2, ['wait on hybrid-2x1-40']]);
  assert.match(warnings.join('\n'), /not fitted to hidden cells \(wait on hybrid-2x1-40-hidden\)/);
});

test('--json says the same to machines, with suppositions and sweeps, and twice the same', async () => {
  const words = ['measured', '--arrival-rate', '300', '--topology', 'sync,hybrid', '--json'];
  const more = ['--what-if', 'database-wait=2x', '--what-if', 'cpus=16', '--sweep', 'processes=8..12'];
  const { printed } = await planned(...words);
  assert.equal((await planned(...words)).printed, printed);
  const { schema, met, plan } = JSON.parse(printed);
  assert.deepEqual([schema, met, plan.required], [1, true, 300]);
  assert.equal(plan.recommendations[0].prediction.by, 'simulation');
  assert.ok(plan.recommendations[0].prediction.responseTime.atObjective <= 0.25);
  const also = await planned(...words, ...more);
  assert.deepEqual([also.error?.code, also.error?.exitCode], ['extrapolated-too-far', 2]);
  const { whatIf, sweep } = JSON.parse(also.printed);
  const states = whatIf.map(({ state }: { state: string }) => state);
  assert.deepEqual(states, ['answered', 'answered', 'too-far', 'too-far']);
  assert.deepEqual([sweep.quantity, sweep.points.length], ['processes', 5]);
});

test('nothing that meets the objective ends with 99, after what comes nearest', async () => {
  const { printed, error } = await planned('measured', '--arrival-rate', '600', '--database-connections', '8');
  assert.deepEqual([error?.code, error?.exitCode], ['objective-unmet', 99]);
  assert.match(
    printed,
    /^No deployment meets p99 ≤ 250 ms with a capacity of 600\/s\.\s+One\s+machine\s+is\s+too\s+small/,
  );
});

test('what lies too far beyond the measurements is refused, and answered as a guess with --extrapolate', async () => {
  const refused = await planned('measured', '--arrival-rate', '600', '--cpus', '16');
  assert.deepEqual([refused.error?.code, refused.error?.exitCode, refused.printed], ['extrapolated-too-far', 2, '']);
  assert.match(refused.error?.message ?? '', /CPUs of a machine: 16, 8 times the measured maximum \(2\)\n/);
  const { printed, error } = await planned('measured', '--arrival-rate', '600', '--cpus', '16', '--extrapolate');
  assert.equal(error, undefined);
  assert.match(printed, /guess/);
});

test('prices order the answer by cost', async () => {
  const file = join(root, 'prices.yaml');
  writeFileSync(file, 'machine: 100\ngigabyte: 10\ndatabaseConnection: 2\n');
  const { printed } = await planned('measured', '--arrival-rate', '300', '--prices', file, '--json');
  const costs = JSON.parse(printed).plan.recommendations.map(({ cost }: { cost: number }) => cost);
  assert.ok(costs.length > 1 && costs[0] > 100);
  assert.deepEqual(
    costs,
    costs.toSorted((a: number, b: number) => a - b),
  );
});
