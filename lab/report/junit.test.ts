import assert from 'node:assert/strict';
import { test } from 'node:test';
import { junitOf } from './junit.ts';
import { reportOf } from './report.ts';
import { calmRun, hostileRun } from './testdata/runs.ts';

test('a cell is a test case; one that was not measured is skipped', () => {
  const report = reportOf({
    ...calmRun(),
    results: calmRun().results.filter(({ trial }) => trial.cell.deployment.topology !== 'async'),
  });
  const xml = junitOf(report);
  assert.match(xml, /<testsuite name="wait" tests="2" failures="0" skipped="1">/);
  assert.equal(xml.match(/<testcase /g)?.length, 2);
  assert.match(
    xml,
    /name="async-1x1-40 meets p99 ≤ 250 ms, errors ≤ 0.1 %"><skipped message="async was not measured: /,
  );
});

test('claims are test cases too: a refuted one is a result, one that nobody could measure is skipped', () => {
  const verdict = (id: 'C1' | 'C2' | 'C3', decision: 'supported' | 'refuted' | 'unmeasured') =>
    ({ id, claim: 'more', verdict: decision, sentence: 'it was so', figures: [] }) as const;
  const claims = [verdict('C1', 'supported'), verdict('C2', 'refuted'), verdict('C3', 'unmeasured')];
  const xml = junitOf({ ...reportOf(calmRun()), claims });
  assert.match(xml, /<testsuite name="claims" tests="3" failures="0" skipped="1">/);
  assert.match(xml, /name="C2: more"><system-out>refuted: it was so/);
});

test('hostile texts are escaped, and control characters, which XML cannot hold, replaced', () => {
  const xml = junitOf(reportOf(hostileRun()));
  assert.doesNotMatch(xml, /<script|<img/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  assert.doesNotMatch(xml, /[\u0000-\u0008\u000b\u000c\u000e-\u001f]/);
});
