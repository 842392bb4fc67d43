import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { deploymentName } from '../../model/deployment.ts';
import { shownCapacity, shownInterval } from './measures.ts';
import type { Report, ReportedCell, ReportedWorkload } from './report.ts';
import { shownObjective, stopOf } from './sentences.ts';

/**
 * The report as test cases for whatever shows test results: a cell fails when it misses the objective at every load
 * and is skipped when it was not measured. A claim that is refuted is as good a result as one that is supported.
 */
export function junitOf(report: Report): string {
  const { comparison, workloads, claims } = report;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${renderToString(html`<testsuites name=${printable(`loadline ${comparison.experiment}`)}>
    ${workloads.map(of => workloadSuite(of, shownObjective(comparison)))}
    ${
      claims.length > 0 &&
      html`<testsuite name="claims" tests=${claims.length} failures="0"
      skipped=${claims.filter(({ verdict }) => verdict === 'unmeasured').length}>
      ${claims.map(
        ({
          id,
          claim,
          verdict,
          sentence,
          instead,
        }) => html`<testcase classname="claims" name=${printable(`${id}: ${claim}`)}>
          ${verdict === 'unmeasured' && html`<skipped message=${printable(sentence)}></skipped>`}
          <system-out>${printable([`${verdict}: ${sentence}`, ...(instead === undefined ? [] : [instead])].join(' '))}</system-out>
        </testcase>`,
      )}
    </testsuite>`
    }
  </testsuites>`)}\n`;
}

function workloadSuite({ workload, cells }: ReportedWorkload, objective: string): VNode {
  const inState = (state: ReportedCell['capacity']['state']) =>
    cells.filter(({ capacity }) => capacity.state === state).length;
  return html`<testsuite name=${printable(workload.name)} tests=${cells.length} failures=${inState('none')} skipped=${inState('unmeasured')}>
    ${cells.map(cell => {
      const stop = printable(stopOf(cell, cells));
      const { state } = cell.capacity;
      return html`<testcase classname=${printable(workload.name)} name=${printable(`${deploymentName(cell.deployment)} meets ${objective}`)}>
        ${state === 'none' && html`<failure message=${stop}></failure>`}
        ${state === 'unmeasured' && html`<skipped message=${stop}></skipped>`}
        <system-out>${printable(`capacity ${shownCapacity(cell)}/s, interval ${shownInterval(cell)}/s; ${stop}`)}</system-out>
      </testcase>`;
    })}
  </testsuite>`;
}

/** XML has no way to write control characters, not even escaped. */
function printable(text: string): string {
  return text.toWellFormed().replace(/[^\t\n\r\u0020-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd');
}
