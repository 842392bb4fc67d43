import type { VNode } from 'preact';
import { deploymentName, limitedContainers } from '../../../model/deployment.ts';
import { cellName, type Experiment, isLimited } from '../../../model/experiment.ts';
import { percent, rounded } from '../../../model/quantities.ts';
import { explainInvalid } from '../../explain/warnings.ts';
import { DataTable, FoldedTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';
import { shownObjective } from '../answer.ts';
import { shownLimits } from '../comparison-text.ts';
import type { Report } from '../report.ts';
import { describeRerun } from '../rerun.ts';

type Fact = readonly [what: string, value: string];

/** How the run was measured: the experiment, the machine and the settings. */
export function MethodSection({ experiment, comparison }: Report): VNode {
  const { seed, budget, phases, noise, cpus } = experiment;
  const { model, ...machine } = comparison.environment;
  const facts: Fact[] = [
    ['objective', shownObjective(comparison)],
    ['runtime', comparison.runtime],
    ['CPUs', String(cpus)],
    ['seed', String(seed)],
    ['budget', `${rounded(budget / 60)} min of trials`],
    ['blocks', describeBlocks(experiment)],
    ['least phases of a trial', `${phases.warmUp} s of warm-up, ${phases.steadyState} s of steady state`],
    [
      'noise',
      `${rounded(noise.betweenTrials * 100)} % from trial to trial, ${rounded(noise.betweenBlocks * 100)} % from start to start (${noise.source})`,
    ],
    ['a trial is invalid from', describeValidity(experiment)],
    ...factsOfLimits(experiment),
    ...flatten(machine),
  ];
  return h('section', null, [
    h('h2', { id: 'method' }, 'Method'),
    h(
      'p',
      null,
      'Arrivals are Poisson and independent of the responses. A response time counts from the intended send of the request to its last byte. A load is carried when the objective holds over the steady state, at least 97 % of the offered requests are completed, and requests in progress do not grow. A trial in which k6 was late or other programs disturbed the machine is invalid and is counted below; of a late one only the throughput of an overload is used. Which trial comes next depends only on the experiment, its seed and the results so far.',
    ),
    DataTable({ caption: 'Experiment and machine', columns: factColumns, words: ['value'], rows: facts }),
    model !== undefined &&
      FoldedTable({
        ...{ summary: 'The model that was simulated', caption: 'Model of the service' },
        ...{ columns: factColumns, words: ['value'], rows: flatten({ model }) },
      }),
  ]);
}

const factColumns = { what: ([what]: Fact) => what, value: ([, value]: Fact) => value };

function describeBlocks({ blocks, precision }: Experiment): string {
  if (blocks === 1) return '1: the workers were started once, and intervals come from a model';
  const count =
    precision === undefined
      ? blocks
      : `as many as leave every capacity within ± ${percent(precision)}, at least ${blocks}`;
  return `${count}; each restarts the workers and has an order of its own`;
}

/** Each limited deployment, with the limits of its containers. */
function factsOfLimits({ cells }: Experiment): Fact[] {
  const limited = new Map(cells.filter(isLimited).map(({ deployment }) => [deploymentName(deployment), deployment]));
  return [...limited].map(([name, deployment]) => {
    const own = limitedContainers.filter(container => deployment.containers?.[container] !== undefined);
    const shown = own.map(container => `${container} ${shownLimits(deployment, container)}`);
    return [`limits of ${name}`, shown.join('; ')];
  });
}

function describeValidity({ validity }: Experiment): string {
  if (validity === undefined) return 'the limits of any machine: ./loadline calibrate finds those of this one';
  const { scheduleLag, steal, others } = validity;
  return `a schedule lag above ${percent(scheduleLag)} of the objective, steal above ${percent(steal)}, other programs above ${percent(others)} of the CPUs: as calibrated`;
}

/** `{ nginx: { version } }` as `nginx version`, a line a value. */
function flatten(value: Readonly<Record<string, unknown>>, prefix = ''): Fact[] {
  return Object.entries(value).flatMap(([key, inner]): Fact[] => {
    if (inner === undefined) return [];
    const name = prefix === '' ? key : `${prefix} ${key}`;
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) {
      return flatten(inner as Readonly<Record<string, unknown>>, name);
    }
    return [[name, shownSetting(inner)]];
  });
}

function shownSetting(value: unknown): string {
  if (typeof value === 'number' && !Number.isInteger(value)) return rounded(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Trials that were invalid or failed, by reason. */
export function InvalidSection({ results, experiment }: Report): VNode {
  const lost = results.flatMap(result => {
    if (result.state === 'completed') return [];
    const what = result.state === 'invalid' ? result.reason.kind : result.error.code;
    const detail = result.state === 'invalid' ? explainInvalid(result.reason, experiment) : result.error.message;
    return [{ reason: `${result.state}: ${what}`, detail, cell: cellName(result.trial.cell) }];
  });
  const kinds = [...Map.groupBy(lost, ({ reason }) => reason).values()];
  const count =
    lost.length === 0 ? 'all of them are valid' : `${lost.length} of them are invalid or failed and were not used`;
  return h('section', null, [
    h('h2', { id: 'invalid' }, 'Invalid trials'),
    h('p', null, `${results.length} trials were made; ${count}.`),
    kinds.length > 0 &&
      DataTable({
        caption: 'Trials that were invalid or failed',
        columns: {
          reason: ([first]) => first?.reason,
          trials: kind => String(kind.length),
          cells: kind => [...new Set(kind.map(({ cell }) => cell))].join(', '),
          'meaning, and what to do': ([first]) => first?.detail ?? '',
        },
        words: ['cells', 'meaning, and what to do'],
        rows: kinds,
      }),
  ]);
}

/** How to run it again: a command, and the experiment as a file. */
export function AgainSection(report: Report): VNode {
  const { command, file } = describeRerun(report);
  const code = (text: string) => h('code', null, text);
  return h('section', null, [
    h('h2', { id: 'again' }, 'Run it again'),
    h('p', null, ['Save this as ', code('again.yaml'), ':']),
    h('pre', { tabIndex: 0 }, file),
    h('p', null, 'Then, in a checkout of Loadline of the same commit:'),
    h('pre', { tabIndex: 0 }, command),
    h('p', null, [
      'This report was made from ',
      code('trials.jsonl'),
      ' alone; ',
      code('./loadline report'),
      ' with the run’s folder makes it again, byte for byte.',
    ]),
  ]);
}
