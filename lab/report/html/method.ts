import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { deploymentName, limitedContainers } from '../../../model/deployment.ts';
import { cellName, type Experiment, isLimited } from '../../../model/experiment.ts';
import { percent, rounded } from '../../../model/quantities.ts';
import { explainInvalid } from '../../explain/warnings.ts';
import { shownObjective } from '../answer.ts';
import { shownLimits } from '../comparison-text.ts';
import type { Report } from '../report.ts';
import { describeRerun } from '../rerun.ts';
import { Behind, DataTable } from './data-table.ts';

/** How it was measured: what was asked, on what machine, and with which settings. */
export function MethodSection({ report }: { report: Report }): VNode {
  const { experiment, comparison } = report;
  const { seed, budget, blocks, precision, phases, noise, cpus } = experiment;
  const { model, ...machine } = comparison.environment;
  const facts: [string, string][] = [
    ['objective', shownObjective(comparison)],
    ['runtime', comparison.runtime],
    ['CPUs', String(cpus)],
    ['seed', String(seed)],
    ['budget', `${rounded(budget / 60)} min of trials`],
    [
      'blocks',
      blocks === 1
        ? '1: the workers were started once, and intervals come from a model'
        : `${precision === undefined ? blocks : `as many as leave every capacity within ± ${percent(precision)}, ${blocks} at least`}, each on workers started anew, in an order of its own`,
    ],
    ['least phases of a trial', `${phases.warmUp} s of warm-up, ${phases.steadyState} s of steady state`],
    [
      'noise',
      `${rounded(noise.betweenTrials * 100)} % from trial to trial, ${rounded(noise.betweenBlocks * 100)} % from start to start (${noise.source})`,
    ],
    ['a trial is invalid from', validityOf(experiment)],
    ...limitsOf(experiment),
    ...flat(machine),
  ];
  return html`<section>
    <h2 id="method">How it was measured</h2>
    <p>Arrivals are Poisson and independent of the answers; a response time counts from the moment at which the request was meant to be sent to its last byte.
      A load is carried when the objective holds over the steady state, at least 97 % of what was offered is completed, and requests in progress do not grow.
      A trial in which k6 was late or other programs disturbed the machine is invalid and is counted below. Of a late one only the throughput of an overload is used.
      Which trial comes next depends on the experiment, its seed and the results so far alone.</p>
    <${DataTable} caption="Experiment and machine" columns=${factColumns} rows=${facts} />
    ${
      model !== undefined &&
      html`<${Behind} summary="The model that was simulated" caption="Model of the service" columns=${factColumns} rows=${flat({ model })} />`
    }
  </section>`;
}

const factColumns = [{ head: 'what' }, { head: 'value', words: true }];

/** Each limited deployment, with the limits of its containers. */
function limitsOf({ cells }: Experiment): [string, string][] {
  const limited = new Map(cells.filter(isLimited).map(({ deployment }) => [deploymentName(deployment), deployment]));
  return [...limited].map(([name, deployment]) => {
    const own = limitedContainers.filter(container => deployment.containers?.[container] !== undefined);
    const shown = own.map(container => `${container} ${shownLimits(deployment, container)}`);
    return [`limits of ${name}`, shown.join('; ')];
  });
}

function validityOf({ validity }: Experiment): string {
  if (validity === undefined) return 'the limits of any machine: ./loadline calibrate finds those of this one';
  const { scheduleLag, steal, others } = validity;
  return `a schedule lag above ${percent(scheduleLag)} of the objective, steal above ${percent(steal)}, other programs above ${percent(others)} of the CPUs: as calibrated`;
}

/** `{ nginx: { version } }` as `nginx version`, a line a value. */
function flat(value: Readonly<Record<string, unknown>>, prefix = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    if (inner === undefined) return [];
    const name = prefix === '' ? key : `${prefix} ${key}`;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      return flat(inner as Readonly<Record<string, unknown>>, name);
    }
    return [[name, shownSetting(inner)]];
  });
}

function shownSetting(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return rounded(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What was invalid or failed, by reason. */
export function InvalidSection({ report }: { report: Report }): VNode {
  const { results } = report;
  const lost = results.flatMap(result => {
    if (result.state === 'completed') return [];
    const what = result.state === 'invalid' ? result.reason.kind : result.error.code;
    const detail = result.state === 'invalid' ? explainInvalid(result.reason, report.experiment) : result.error.message;
    return [{ what, detail, cell: cellName(result.trial.cell), state: result.state }];
  });
  const kinds = [...Map.groupBy(lost, ({ state, what }) => `${state}: ${what}`)];
  return html`<section>
    <h2 id="invalid">What was invalid</h2>
    <p>${results.length} trials were made; ${lost.length === 0 ? 'all of them are valid.' : `${lost.length} of them say nothing about a deployment and decided nothing.`}</p>
    ${
      kinds.length > 0 &&
      html`<${DataTable} caption="Trials that were invalid or failed" columns=${invalidColumns}
      rows=${kinds.map(([kind, own]) => [kind, String(own.length), [...new Set(own.map(({ cell }) => cell))].join(', '), own[0]?.detail ?? ''])} />`
    }
  </section>`;
}

const invalidColumns = [
  { head: 'reason' },
  { head: 'trials' },
  { head: 'cells', words: true },
  { head: 'what it means, and what to do', words: true },
];

/** How to run it again: a command, and the experiment as a file. */
export function AgainSection({ report }: { report: Report }): VNode {
  const { command, file } = describeRerun(report);
  return html`<section>
    <h2 id="again">How to run it again</h2>
    <p>Save this as <code>again.yaml</code>:</p>
    <pre tabindex="0">${file}</pre>
    <p>Then, in a checkout of Loadline of the same commit:</p>
    <pre tabindex="0">${command}</pre>
    <p>This report was made from <code>trials.jsonl</code> alone; <code>./loadline report</code> with the run’s folder makes it again, byte for byte.</p>
  </section>`;
}
