import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import { type Cell, cellName, type Experiment, type Workload } from '../../model/experiment.ts';
import { isTold } from '../../model/measurement.ts';
import { compareResults } from '../compare/comparison.ts';
import { listWarnings } from '../explain/warnings.ts';
import { runExperiment } from '../run/run-experiment.ts';
import { unseen } from '../run/testdata/nothing-read.ts';
import { readTrials } from '../run/trials-file.ts';
import { SimulatedRuntime } from '../runtimes/simulated/runtime.ts';
import { experimentWith } from './testdata/cells.ts';

const folder = mkdtempSync(join(tmpdir(), 'loadline-hidden-'));
after(() => rmSync(folder, { recursive: true }));

const wait: Workload = { name: 'wait', requests: [{ weight: 1, route: 'wait', parameters: { ms: 20 } }] };
const cpu: Workload = { name: 'cpu', requests: [{ weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } }] };

/** Told and hidden, in one experiment. */
function twice(deployment: Deployment, workload: Workload): Cell[] {
  return [deployment, { ...deployment, hidden: true as const }].map(one => ({ deployment: one, workload }));
}

async function measured(cells: readonly Cell[], name: string) {
  const experiment: Experiment = experimentWith(cells, { budget: 60 * cells.length });
  const path = join(folder, `${name}.jsonl`);
  await runExperiment(experiment, new SimulatedRuntime({ cpus: 2 }), path, {
    signal: new AbortController().signal,
    events: unseen,
  });
  // As a report reads it.
  return readTrials(path);
}

const cells = [
  ...twice(deploymentOf('sync', 2), wait),
  ...twice(deploymentOf('hybrid', 2, { databaseConnections: 10 }), wait),
  ...twice(deploymentOf('async', 2), cpu),
];
const run = await measured(cells, 'both');
const comparison = compareResults(run);

test('a hidden deployment tells nothing of its workers, and a told one beside it everything', () => {
  for (const result of run.results) {
    assert.ok(result.state !== 'failed');
    const { measurement, trial } = result;
    assert.equal(isTold(measurement), !trial.cell.deployment.hidden, cellName(trial.cell));
    if (isTold(measurement)) continue;
    const { utilisation, completions } = measurement;
    assert.deepEqual(Object.keys(utilisation).sort(), ['cpu', 'database-connections', 'nginx']);
    assert.deepEqual(['contextSwitches' in measurement, 'byWorkers' in completions], [false, false]);
  }
});

test('told and hidden deployments of the same sizes have the same capacity', () => {
  for (let index = 0; index < cells.length; index += 2) {
    const [told, hidden] = [comparison.cells[index]?.capacity, comparison.cells[index + 1]?.capacity];
    assert.ok(told?.state === 'bracketed' && hidden?.state === 'bracketed', JSON.stringify([told, hidden]));
    const of = ({ low, high }: typeof told) => Math.log(high / low) / 2;
    const ratio = Math.log(hidden.estimate / told.estimate);
    assert.ok(Math.abs(ratio) <= Math.hypot(of(told), of(hidden)), JSON.stringify([told, hidden]));
    assert.ok(Math.abs(ratio) <= 0.15, JSON.stringify([told, hidden]));
  }
});

test('what stopped a hidden deployment is said from outside, without a figure for what would help', () => {
  const hidden = comparison.cells.filter(({ deployment }) => deployment.hidden);
  assert.deepEqual(
    hidden.map(({ bottleneck }) => [bottleneck?.resource, bottleneck?.cause, bottleneck?.help]),
    [
      ['workers', 'concurrency', null],
      ['database-connections', 'used-up', null],
      ['workers', 'concurrency', null],
    ],
  );
  const [pool, , loop] = hidden.map(({ bottleneck }) => bottleneck?.concurrency ?? 0);
  assert.ok(pool && Math.abs(pool - 2) < 0.3, `${pool} at once by two workers`);
  assert.ok(loop && Math.abs(loop - 1) < 0.3, `${loop} at once by one loop that computes`);
});

test('a deployment that serves more at once than it is declared to is warned of', async () => {
  const deployment = deploymentOf('threads', 2, { threadsPerProcess: 8, hidden: true });
  const spec = { ...deployment.spec, concurrencyLimit: 1 };
  const { experiment, results } = await measured([{ deployment, workload: wait }], 'declared');
  const declared = { deployment: { ...deployment, spec }, workload: wait };
  const kinds = (cell: Cell) => listWarnings({ ...experiment, cells: [cell] }, results).map(({ kind }) => kind);
  assert.ok(kinds(declared).includes('concurrency-differs'));
  assert.ok(!kinds({ deployment, workload: wait }).includes('concurrency-differs'));
});
