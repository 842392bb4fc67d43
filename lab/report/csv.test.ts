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

test('a name that a spreadsheet would compute is quoted away', () => {
  const { experiment, ...rest } = calmRun();
  const cells = experiment.cells.map(cell => ({
    ...cell,
    workload: { ...cell.workload, name: '=HYPERLINK("a","b")' },
  }));
  const [, row] = csvOf(reportOf({ ...rest, experiment: { ...experiment, cells }, results: [] })).split('\n');
  assert.match(row ?? '', /^"'=HYPERLINK\(""a"",""b""\)",sync-2x1-2,/);
});
