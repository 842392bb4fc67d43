import { h, type VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { deploymentName } from '../../model/deployment.ts';
import type { ClaimVerdict } from '../claims/claim.ts';
import { describeStop, shownCapacity, shownInterval, shownObjective } from './answer.ts';
import type { Report, ReportedCell, ReportedWorkload } from './report.ts';

/**
 * Renders a report as JUnit XML: a cell fails when it misses the objective at every load and is skipped when it was not
 * measured. A claim that is refuted does not fail.
 */
export function renderJunit({ comparison, workloads, claims }: Report): string {
  const suites = [
    ...workloads.map(workload => suiteForWorkload(workload, shownObjective(comparison))),
    ...(claims.length === 0 ? [] : [suiteForClaims(claims)]),
  ];
  const name = printable(`loadline ${comparison.experiment}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderToString(h('testsuites', { name }, suites))}\n`;
}

function suiteForWorkload({ workload, cells }: ReportedWorkload, objective: string): VNode {
  const countIn = (state: ReportedCell['capacity']['state']) =>
    cells.filter(({ capacity }) => capacity.state === state).length;
  const suite = {
    ...{ name: printable(workload.name), tests: cells.length },
    ...{ failures: countIn('none'), skipped: countIn('unmeasured') },
  };
  return h<Record<string, unknown>>(
    'testsuite',
    suite,
    cells.map(cell => {
      const message = printable(describeStop(cell, cells));
      const { state } = cell.capacity;
      const name = printable(`${deploymentName(cell.deployment)} meets ${objective}`);
      return h('testcase', { classname: printable(workload.name), name }, [
        state === 'none' && h('failure', { message }),
        state === 'unmeasured' && h('skipped', { message }),
        h('system-out', {}, `capacity ${shownCapacity(cell)}/s, 95 % interval ${shownInterval(cell)}/s; ${message}`),
      ]);
    }),
  );
}

function suiteForClaims(claims: readonly ClaimVerdict[]): VNode {
  const skipped = claims.filter(({ verdict }) => verdict === 'unmeasured').length;
  return h<Record<string, unknown>>(
    'testsuite',
    { name: 'claims', tests: claims.length, failures: 0, skipped },
    claims.map(({ id, claim, verdict, sentence, instead }) =>
      h('testcase', { classname: 'claims', name: printable(`${id}: ${claim}`) }, [
        verdict === 'unmeasured' && h('skipped', { message: printable(sentence) }),
        h('system-out', {}, printable([`${verdict}: ${sentence}`, ...(instead ? [instead] : [])].join(' '))),
      ]),
    ),
  );
}

/** Replaces control characters, which XML cannot hold even when escaped. */
function printable(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
