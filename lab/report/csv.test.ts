import assert from 'node:assert/strict';
import { test } from 'node:test';
import { csvOf } from './csv.ts';
import { reportOf } from './report.ts';
import { calmRun } from './testdata/runs.ts';

test('the CSV has a row for each cell, with as many values as its head', () => {
  const [head = '', ...rows] = csvOf(reportOf(calmRun())).trimEnd().split('\n');
  assert.equal(rows.length, 2);
  const names = head.split(',');
  assert.equal(new Set(names).size, names.length);
  for (const row of rows) assert.equal(row.split(',').length, names.length);
  const first = Object.fromEntries(names.map((name, index) => [name, rows[0]?.split(',')[index]]));
  assert.deepEqual(
    [first.workload, first.deployment, first.workers, first.capacity_state],
    ['wait', 'sync-2x1-2', '2', 'bracketed'],
  );
  assert.equal(first.cpu_workers_s_per_request, '0.0005');
});

test('limits of containers are columns where any cell has limits, and only there', () => {
  const { experiment, ...rest } = calmRun();
  const containers = { workers: { cpus: 0.6, cpuset: '0-1', memory: 4e8 } };
  const [cell, ...others] = experiment.cells;
  assert.ok(cell);
  const limited = { ...cell, deployment: { ...cell.deployment, containers } };
  const cells = [limited, ...others];
  const columns = (of: typeof experiment) =>
    csvOf(reportOf({ ...rest, experiment: of, results: [] }))
      .trimEnd()
      .split('\n')
      .map(line => line.split(','));
  const [head = [], first = [], second = []] = columns({ ...experiment, cells });
  const from = head.indexOf('workers_cpus');
  assert.deepEqual(head.slice(from, from + 3), ['workers_cpus', 'workers_cpuset', 'workers_memory_limit_bytes']);
  assert.deepEqual(first.slice(from), ['0.6', '0-1', '400000000', ...Array(6).fill('')]);
  assert.deepEqual(second.slice(from), Array(9).fill(''));
  assert.equal(columns(experiment)[0]?.length, from);
});

test('a name that a spreadsheet would compute is quoted away', () => {
  const { experiment, ...rest } = calmRun();
  const cells = experiment.cells.map(cell => ({
    ...cell,
    workload: { ...cell.workload, name: '=HYPERLINK("a","b")' },
  }));
  const [, row] = csvOf(reportOf({ ...rest, experiment: { ...experiment, cells }, results: [] })).split('\n');
  assert.match(row ?? '', /^"'=HYPERLINK\(""a"",""b""\)",sync-2x1-2,/);
});
