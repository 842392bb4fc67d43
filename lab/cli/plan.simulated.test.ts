import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import { deploymentOf } from '../../model/deployment.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell } from '../../model/experiment.ts';
import { cpu, wait } from '../plan/testdata/fitted.ts';
import { simulatedTrials } from '../plan/testdata/simulated-trials.ts';
import { TrialsFile } from '../run/trials-file.ts';
import { experimentOf } from '../search/testdata/cells.ts';
import { measuredService } from '../simulation/service-model.ts';
import * as plan from './plan.ts';

let root: string;
const sync = deploymentOf('sync', 2, { processes: 4 });
const hybrid = deploymentOf('hybrid', 2);
const at = (...rates: number[]) => rates.map(arrivalRate => ({ model: 'open', arrivalRate }) as const);

before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-plan-'));
  write('measured', [
    [sync, wait, at(50, 150)],
    [hybrid, wait, at(100, 700)],
    [hybrid, cpu, at(100)],
  ]);
  write('waits', [[hybrid, wait, at(300)]]);
  write('limited', [
    [hybrid, wait, at(100, 700)],
    [{ ...hybrid, containers: { nginx: { cpus: 0.2 } } }, wait, at(100)],
  ]);
  const hidden = { ...hybrid, hidden: true } as const;
  write('mixed', [
    [hybrid, wait, at(100, 700)],
    [hidden, wait, at(100)],
  ]);
  write('hidden', [[hidden, wait, at(100, 700)]]);
  write('empty', []);
});
after(() => rmSync(root, { recursive: true }));

/** A run of a simulated service on two CPUs, as if it had been measured. */
function write(name: string, asked: Parameters<typeof simulatedTrials>[2]): void {
  const folder = join(root, 'runs', name);
  mkdirSync(folder, { recursive: true });
  const cells = asked.map(([deployment, workload]): Cell => ({ deployment, workload }));
  const experiment = { ...experimentOf(cells), name };
  using file = TrialsFile.create(join(folder, 'trials.jsonl'), { experiment, runtime: 'local', environment: {} });
  for (const [index, result] of simulatedTrials(measuredService, 2, asked).entries()) {
    file.append({ ...result, trial: { ...result.trial, id: `b1-p${index}`, position: index } });
  }
}

/** What the command printed, and what it ended with. */
async function planned(...words: string[]): Promise<{ printed: string; error?: LoadlineError }> {
  const lines: string[] = [];
  const context = {
    root,
    signal: new AbortController().signal,
    say: () => {},
    print: (text: string) => void lines.push(text),
  };
  const program = new Command().exitOverride();
  plan.register(program, context);
  try {
    await program.parseAsync(['plan', ...words], { from: 'user' });
    return { printed: lines.join('\n') };
  } catch (error) {
    assert.ok(error instanceof LoadlineError, String(error));
    return { printed: lines.join('\n'), error };
  }
}

test('a plan says what to run, at what it would be, what else would do and what it rests on', async () => {
  const { printed, error } = await planned('measured', '--arrival-rate', '600', '--headroom', '0.2');
  assert.equal(error, undefined);
  assert.match(printed, /^Run hybrid-2x1-\d+: /);
  assert.match(printed, /\ncapacity +\d+\/s, 95 % interval \d+\.\.\d+\n/);
  assert.match(printed, /\nmargin +[+-][\d.]+ % against the required 750\/s\n/);
  assert.match(printed, /\nfitted to +5 trials of 3 cells of measured \(local\)\n/);
  assert.match(printed, /! Answered for wait, the first workload of measured; --workload takes cpu too\./);
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

test('a run whose cells are all hidden cannot be planned with', async () => {
  const { error } = await planned('hidden', '--arrival-rate', '300');
  assert.deepEqual([error?.code, error?.exitCode], ['deployments-hidden', 2]);
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
  assert.match(printed, /the\s+answer\s+is\s+a\s+guess/);
});

test('a run without what the question needs is refused with the command that measures it', async () => {
  const cases: [words: string[], message: RegExp][] = [
    [['empty'], /empty has no completed trial .*: \.\/loadline compare quick\.$/],
    [['measured', '--topology', 'async-express'], /no trial of async-express .*: \.\/loadline compare FILE, with/],
    [['waits', '--topology', 'sync'], /no trial of sync \(blocking-express\) .*, only of fastify/],
    [['waits', '--workload', 'cpu'], /^cpu computes, and waits has .* CPU work\. .*route: cpu/],
    [['waits', '--workload', 'work,ms=10,cpuSeconds=0.001'], /computes/],
  ];
  for (const [words, message] of cases) {
    const { error, printed } = await planned(...words, '--arrival-rate', '50');
    assert.deepEqual([error?.code, error?.exitCode, printed], ['measurement-missing', 2, ''], words.join(' '));
    assert.match(error?.message ?? '', message);
  }
  // Reads and waits are statements of the same database.
  assert.equal((await planned('waits', '--workload', 'item', '--arrival-rate', '50')).error, undefined);
});

test('an objective below what a request takes alone is refused with both figures', async () => {
  const { error } = await planned('measured', '--arrival-rate', '50', '--p99', '15ms');
  assert.deepEqual([error?.code, error?.exitCode], ['objective-below-service-time', 2]);
  assert.match(
    error?.message ?? '',
    /^No load can meet p99 ≤ 15 ms: a request of wait takes p99 2\d(\.\d)? ms when it is alone/,
  );
});

test('prices order the answer by cost, and a file that says something else is refused', async () => {
  const file = join(root, 'prices.yaml');
  writeFileSync(file, 'machine: 100\ngigabyte: 10\ndatabaseConnection: 2\n');
  const { printed } = await planned('measured', '--arrival-rate', '300', '--prices', file, '--json');
  const costs = JSON.parse(printed).plan.recommendations.map(({ cost }: { cost: number }) => cost);
  assert.ok(costs.length > 1 && costs[0] > 100);
  assert.deepEqual(
    costs,
    costs.toSorted((a: number, b: number) => a - b),
  );
  writeFileSync(file, 'machine: 100\ngigabyte: -1\ndatabaseConnections: 2\n');
  const { error } = await planned('measured', '--arrival-rate', '300', '--prices', file);
  assert.equal(error?.code, 'usage');
  assert.match(error?.message ?? '', /gigabyte is too small: at least 0/);
  assert.match(error?.message ?? '', /databaseConnections is not known; did you mean "databaseConnection"/);
});

test('a sweep of what no topology leaves a choice of names those that do', async () => {
  const { error } = await planned('measured', '--arrival-rate', '50', '--topology', 'async', '--sweep', 'threads=1..4');
  assert.equal(error?.code, 'usage');
  assert.match(error?.message ?? '', /^--sweep threads: only threads, sync-threads have a choice of it/);
});
