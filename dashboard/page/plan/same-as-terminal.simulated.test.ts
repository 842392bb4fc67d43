import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { Command } from 'commander';
import * as command from '../../../lab/cli/plan.ts';
import { fitModel } from '../../../lab/plan/fit.ts';
import type { FittedModel } from '../../../lab/plan/fitted-model.ts';
import { readTrials } from '../../../lab/run/trials-file.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { allowedInputs, type PlanInputs, questionFor } from './inputs.ts';
import { planOrRefuse } from './planner.ts';

let root: string;
let model: FittedModel;

before(() => {
  root = mkdtempSync(join(tmpdir(), 'loadline-same-'));
  const trials = join(root, 'runs/measured/trials.jsonl');
  mkdirSync(dirname(trials), { recursive: true });
  copyFileSync(join(import.meta.dirname, '../../../lab/run/testdata/schema-2.jsonl'), trials);
  // As the page reads it.
  model = JSON.parse(JSON.stringify(fitModel(readTrials(trials))));
});
after(() => rmSync(root, { recursive: true }));

/** What the terminal prints, and what it refuses. */
async function atTerminal(words: readonly string[]): Promise<{ printed: string; error?: LoadlineError }> {
  const lines: string[] = [];
  const print = (text: string): void => void lines.push(text);
  const program = new Command().exitOverride();
  command.register(program, { root, signal: new AbortController().signal, say: () => {}, print });
  try {
    await program.parseAsync(['plan', 'measured', ...words, '--json'], { from: 'user' });
    return { printed: lines.join('\n') };
  } catch (error) {
    assert.ok(error instanceof LoadlineError, String(error));
    return { printed: lines.join('\n'), error };
  }
}

function onPage(asked: Partial<PlanInputs>, decide: 'formulas' | 'simulation') {
  const inputs = allowedInputs(asked, model);
  return planOrRefuse({ fitted: model, question: questionFor(inputs, model), extrapolate: inputs.extrapolate }, decide);
}

const answered: readonly (readonly [asked: Partial<PlanInputs>, words: string])[] = [
  [{ arrivalRate: 600, headroomPercent: 20 }, '--arrival-rate 600 --headroom 0.2'],
  [
    {
      arrivalRate: 150,
      growth: 2,
      quantilePercent: 95,
      objectiveMs: 120,
      cpus: 4,
      databaseConnections: 90,
      memoryMB: 4000,
      generator: 'elsewhere',
      topologies: ['sync', 'hybrid'],
    },
    '--arrival-rate 150 --growth 2 --p95 120ms --cpus 4 --database-connections 90 --memory 4GB --generator elsewhere --topology sync,hybrid',
  ],
  [{ arrivalRate: 600, cpus: 16, extrapolate: true }, '--arrival-rate 600 --cpus 16 --extrapolate'],
  [{ arrivalRate: 600, databaseConnections: 8 }, '--arrival-rate 600 --database-connections 8'],
];
for (const [asked, words] of answered) {
  test(`page and terminal plan the same: ${words}`, async () => {
    const { printed, error } = await atTerminal(words.split(' '));
    assert.ok(error === undefined || error.code === 'objective-unmet', error?.message);
    const { plan, refusal } = onPage(asked, 'simulation');
    assert.equal(refusal, undefined);
    // Numbers without end are null there.
    assert.deepEqual(JSON.parse(JSON.stringify(plan)), JSON.parse(printed).plan);
  });
}

const refused: readonly (readonly [asked: Partial<PlanInputs>, words: string, code: string])[] = [
  [{ arrivalRate: 600, cpus: 16 }, '--arrival-rate 600 --cpus 16', 'extrapolated-too-far'],
  [{ arrivalRate: 50, objectiveMs: 15 }, '--arrival-rate 50 --p99 15ms', 'objective-below-service-time'],
  [
    { arrivalRate: 50, topologies: ['async-express'] },
    '--arrival-rate 50 --topology async-express',
    'measurement-missing',
  ],
];
for (const [asked, words, code] of refused) {
  test(`page and terminal refuse the same in the same words: ${words}`, async () => {
    const { printed, error } = await atTerminal(words.split(' '));
    assert.deepEqual([error?.code, printed], [code, '']);
    assert.equal(onPage(asked, 'formulas').refusal, error?.message);
    assert.equal(onPage(asked, 'simulation').refusal, error?.message);
  });
}

test('a run of which nothing can be learnt is refused by both', () => {
  const empty = { ...model, measured: { ...model.measured, trials: 0 } };
  const inputs = allowedInputs({}, empty);
  const { refusal } = planOrRefuse(
    { fitted: empty, question: questionFor(inputs, empty), extrapolate: false },
    'formulas',
  );
  assert.match(refusal ?? '', /has no completed trial .* \.\/loadline compare quick\.$/);
});
