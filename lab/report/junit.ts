import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { deploymentName } from '../../model/deployment.ts';
import { shownCapacity, shownInterval } from './measures.ts';
import type { Report, ReportedCell, ReportedWorkload } from './report.ts';
import { shownObjective, stopOf } from './sentences.ts';

/**
 * The report as test cases for whatever shows test results: a cell fails when it misses the objective at every load
 * and is skipped when it was not measured. A claim that is refuted is as good a result as one that is supported.
 */
export function junitOf({ comparison, workloads, claims }: Report): string {
  const objective = shownObjective(comparison);
  const suites = [
    ...workloads.map(of => workloadSuite(of, objective)),
    ...(claims.length > 0 ? [claimsSuite(claims)] : []),
  ];
  const name = printable(`loadline ${comparison.experiment}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderToString(h('testsuites', { name }, suites))}\n`;
}

function claimsSuite(claims: Report['claims']) {
  const cases = claims.map(({ id, claim, verdict, sentence, instead }) =>
    h(
      'testcase',
      { classname: 'claims', name: printable(`${id}: ${claim}`) },
      verdict === 'unmeasured' && h('skipped', { message: printable(sentence) }),
      h('system-out', null, printable(`${verdict}: ${sentence}${instead === undefined ? '' : ` ${instead}`}`)),
    ),
  );
  const skipped = claims.filter(({ verdict }) => verdict === 'unmeasured').length;
  return h('testsuite', { name: 'claims', tests: claims.length, failures: 0, skipped }, cases);
}

function workloadSuite({ workload, cells }: ReportedWorkload, objective: string) {
  const inState = (state: ReportedCell['capacity']['state']) =>
    cells.filter(({ capacity }) => capacity.state === state).length;
  const name = printable(workload.name);
  const cases = cells.map(cell => {
    const stop = printable(stopOf(cell, cells));
    const { state } = cell.capacity;
    return h(
      'testcase',
      { classname: name, name: printable(`${deploymentName(cell.deployment)} meets ${objective}`) },
      state === 'none' && h('failure', { message: stop }),
      state === 'unmeasured' && h('skipped', { message: stop }),
      h('system-out', null, printable(`capacity ${shownCapacity(cell)}/s, interval ${shownInterval(cell)}/s; ${stop}`)),
    );
  });
  const counts = { tests: cells.length, failures: inState('none'), skipped: inState('unmeasured') };
  return h('testsuite', { name, ...counts }, cases);
}

/** XML has no way to write control characters, not even escaped. */
function printable(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
