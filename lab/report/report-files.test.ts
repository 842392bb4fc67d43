import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClaimVerdict } from '../claims/claim.ts';
import { parseExperiment } from '../experiment/parse.ts';
import { renderCsv } from './csv.ts';
import { renderFiles } from './files.ts';
import { renderJunit } from './junit.ts';
import { fitRunModel } from './model.ts';
import { buildReport } from './report.ts';
import { describeRerun } from './rerun.ts';
import { calmRun, hostileRun } from './testdata/runs.ts';

const calm = calmRun();
const [firstCell, ...otherCells] = calm.experiment.cells;

const experiments: Record<string, string> = {
  'the defaults of a machine': 'name: a\nbudget: 60\ndeployments: [sync, hybrid]\nworkloads: [wait]\n',
  'sizes, limits, blocks, loads of all kinds and a mix': `name: b
budget: 20m
seed: 12
blocks: 5
sizes: best
limits: { memory: 800MB, databaseConnections: 80 }
loads: [50, { users: 10, thinkTime: 1s }, { burst: 30 }]
phases: { warmUp: 3s, steadyState: 12s }
deployments:
  - { topology: sync, processes: [2, 4] }
  - { topology: hybrid, databaseConnections: 80 }
workloads:
  - wait
  - { name: mixed, requests: [{ weight: 3, route: item, parameters: { id: 7 } }, { route: orders }], deployments: [hybrid], heldOut: [hybrid] }
`,
  'limits of containers': `name: d
budget: 300
deployments:
  - topology: hybrid
    containers: { workers: { cpus: [0.6, 1.2], cpuset: '0,1', memory: 400MB }, nginx: { cpus: 0.17 }, postgres: { cpus: 0.13, memory: 1.5GB } }
  - sync
workloads: [{ name: wait, deployments: [hybrid] }, { name: item, deployments: [hybrid-1x1-40-w1200m-set0and1-400mb-n170m-p130m-1500mb, sync] }]
`,
  'parts of the capacity, and cells that are held out':
    'name: c\nbudget: 300\npartsOfCapacity: [0.5, 0.7]\ndeployments: [sync, hybrid]\nworkloads: [{ name: wait, heldOut: [hybrid] }, cpu]\n',
};
for (const [what, text] of Object.entries(experiments)) {
  for (const runtime of ['local', 'simulated']) {
    test(`the file to run it again describes the same experiment on a larger machine: ${what}, ${runtime}`, () => {
      const parsed = parseExperiment(text, { file: 'a.yaml', cpus: 2 });
      const precise = runtime === 'simulated' && parsed.partsOfCapacity === undefined;
      const experiment = precise ? { ...parsed, blocks: 4, precision: 0.025 } : parsed;
      const { command, file } = describeRerun(buildReport({ experiment, runtime, environment: {}, results: [] }));
      const again = parseExperiment(file, { file: 'again.yaml', cpus: 16 });
      assert.deepEqual({ ...again, cpus: 2 }, experiment);
      assert.match(command, runtime === 'local' ? /--runtime local$/ : /--runtime simulated --cpus 2$/);
    });
  }
}

test('the CSV has a row for each cell, and columns for limits where any cell has limits', () => {
  assert.ok(firstCell);
  const containers = { workers: { cpus: 0.6, cpuset: '0-1', memory: 4e8 } };
  const limited = { ...firstCell, deployment: { ...firstCell.deployment, containers } };
  const readCsv = (cells: typeof otherCells) => {
    const [head = [], ...rows] = renderCsv(buildReport({ ...calm, experiment: { ...calm.experiment, cells } }))
      .trimEnd()
      .split('\n')
      .map(line => line.split(','));
    for (const row of rows) assert.equal(row.length, head.length);
    return rows.map(row => Object.fromEntries(head.map((name, index) => [name, row[index]])));
  };
  const [first, second] = readCsv([firstCell, ...otherCells]);
  const { workload, deployment, workers, capacity_state, cpu_workers_s_per_request } = first ?? {};
  assert.deepEqual(
    [workload, deployment, workers, capacity_state, cpu_workers_s_per_request],
    ['wait', 'sync-2x1-2', '2', 'bracketed', '0.0005'],
  );
  assert.ok(second && !('workers_cpus' in second));
  const [row, other] = readCsv([limited, ...otherCells]);
  assert.deepEqual(
    [row?.workers_cpus, row?.workers_cpuset, row?.workers_memory_limit_bytes, other?.workers_cpus],
    ['0.6', '0-1', '400000000', ''],
  );
});

test('a name that a spreadsheet would compute is quoted away', () => {
  const cells = calm.experiment.cells.map(cell => ({ ...cell, workload: { ...cell.workload, name: '=SUM("a")' } }));
  const report = buildReport({ ...calm, experiment: { ...calm.experiment, cells }, results: [] });
  assert.match(renderCsv(report), /\n"'=SUM\(""a""\)",sync-2x1-2,/);
});

test('in JUnit a cell is a test case and one that was not measured is skipped; claims never fail', () => {
  const verdict = (id: ClaimVerdict['id'], decision: ClaimVerdict['verdict']): ClaimVerdict => ({
    ...{ id, claim: 'more', verdict: decision, sentence: 'it was so', figures: [] },
  });
  const results = calm.results.filter(({ trial }) => trial.cell.deployment.topology !== 'async');
  const claims = [verdict('C1', 'supported'), verdict('C2', 'refuted'), verdict('C3', 'unmeasured')];
  const xml = renderJunit({ ...buildReport({ ...calm, results }), claims });
  assert.match(xml, /<testsuite name="wait" tests="2" failures="0" skipped="1">/);
  assert.match(xml, /name="async-1x1-40 meets [^"]*"><skipped message="async was not measured/);
  assert.match(xml, /<testsuite name="claims" tests="3" failures="0" skipped="1">/);
  assert.match(xml, /name="C2: more"><system-out>refuted: it was so/);
});

test('hostile texts are escaped in XML, and control characters, which it cannot hold, replaced', () => {
  const xml = renderJunit(buildReport(hostileRun()));
  assert.doesNotMatch(xml, /<script|<img/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
});

test('a model is fitted to the trials alone, and says which cells it has not seen', () => {
  const model = fitRunModel(buildReport(calm));
  assert.ok(model.state === 'fitted');
  assert.deepEqual(JSON.parse(JSON.stringify(fitRunModel(buildReport(calmRun())))), JSON.parse(JSON.stringify(model)));
  assert.deepEqual(model.fitted.measured.cells.toSorted(), ['wait on async-1x1-40', 'wait on sync-2x1-2']);
  const experiment = { ...calm.experiment, heldOut: ['wait on sync-2x1-2'] };
  const heldOut = fitRunModel(buildReport({ ...calm, experiment }));
  assert.ok(heldOut.state === 'fitted');
  assert.deepEqual(heldOut.score?.summary.fittedTo, ['wait on async-1x1-40']);
});

test('a run in which no trial was completed has no model and no model.json', () => {
  const report = buildReport({ ...calm, results: [] });
  const model = fitRunModel(report);
  assert.equal(model.state, 'none');
  assert.deepEqual(Object.keys(renderFiles(report, model)), ['comparison.json', 'summary.md', 'report.html']);
});
