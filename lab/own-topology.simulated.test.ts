import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { LoadlineError } from '../model/errors.ts';
import { topologyNames } from '../model/topology.ts';
import { parseQuestion } from './cli/plan-options.ts';
import { fitModel } from './plan/fit.ts';
import { planFor } from './plan/plan.ts';
import { buildReport, drawnCells } from './report/report.ts';
import { readTrials } from './run/trials-file.ts';
import { listContenders } from './search/contenders.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadline-own-topology-'));
after(() => rmSync(folder, { recursive: true }));

/** A run of a version that has the topology `own`, and no `hybrid`. */
function runWithOwnTopology() {
  const text = readFileSync(join(import.meta.dirname, '../docs/exercises/trials.jsonl'), 'utf8');
  const path = join(folder, 'trials.jsonl');
  writeFileSync(path, text.replaceAll(/"(name|topology)":"hybrid"/g, '"$1":"own"'));
  return readTrials(path);
}

const run = runWithOwnTopology();
const fitted = fitModel(run);

test('this version does not ship the topology of the run', () => assert.ok(!topologyNames.includes('own')));

test('a run with a topology that this version does not ship is compared and reported', () => {
  // With blocks there are ratios, and with the best sizes there are contenders.
  const experiment = { ...run.experiment, blocks: 4, sizes: 'best' } as const;
  const { workloads, comparison } = buildReport({ ...run, experiment });
  assert.ok(comparison.cells.some(({ deployment }) => deployment.topology === 'own'));
  const cells = workloads.flatMap(one => one.cells);
  // Of more curves than a plot can hold the default sizes are kept.
  const many = Array.from({ length: 9 }, () => cells).flat();
  assert.ok(drawnCells(many, experiment).some(({ deployment }) => deployment.topology === 'own'));
  assert.ok(listContenders(run.results, experiment).some(({ deployment }) => deployment.topology === 'own'));
});

test('a run with a topology that this version does not ship is planned with', () => {
  const asked = parseQuestion({ arrivalRate: '300', topology: 'own' }, fitted);
  const [workload] = fitted.workloads;
  assert.ok(workload);
  const { recommendations } = planFor(fitted, { ...asked, workload }, { decide: 'formulas' });
  assert.deepEqual(
    recommendations.map(({ deployment }) => deployment.topology),
    ['own'],
  );
});

test('a topology that the run does not know is refused', () => {
  assert.throws(
    () => parseQuestion({ arrivalRate: '300', topology: 'hybrid' }, fitted),
    (error: unknown) => error instanceof LoadlineError && error.code === 'usage',
  );
});
