import { type Deployment, deploymentName, type LimitedContainer, limitedContainers } from '../../model/deployment.ts';
import type { Load } from '../../model/experiment.ts';
import { components } from '../../model/measurement.ts';
import { milliseconds, percent, rounded, type Seconds, shownNumber } from '../../model/quantities.ts';
import type { ClaimVerdict, Figure } from '../claims/claim.ts';
import type { ComparedCell, MeasuredLoad } from '../compare/comparison.ts';
import { shownCpus } from '../explain/sentence.ts';
import {
  answerWorkload,
  describeStop,
  labelCell,
  shownCapacity,
  shownInterval,
  shownObjective,
  shownRequests,
} from './answer.ts';
import { describeRatios } from './ratio-text.ts';
import type { Report, ReportedWorkload } from './report.ts';
import { renderTextTable, wrapText } from './text-table.ts';

/** A part of a comparison, for a terminal and for Markdown alike. */
type Part =
  | { readonly kind: 'heading' | 'text'; readonly text: string }
  | { readonly kind: 'claims'; readonly claims: readonly ClaimVerdict[] }
  | { readonly kind: 'list'; readonly title?: string; readonly mark?: string; readonly items: readonly string[] }
  | {
      readonly kind: 'table';
      readonly title?: string;
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

/** Lines of a terminal are not longer than this, however wide it is. */
const WIDEST = 110;

/** The comparison for a terminal: the answer, then for each workload what stopped each deployment and its figures, then warnings. */
export function renderComparison(report: Report, columns = WIDEST): string {
  const width = Math.max(60, Math.min(WIDEST, columns));
  const render = (part: Part): string => {
    switch (part.kind) {
      case 'heading':
        return `── ${part.text} ${'─'.repeat(Math.max(2, width - part.text.length - 4))}`;
      case 'text':
        return wrapText(part.text, width);
      case 'claims':
        return part.claims
          .map(({ id, claim, verdict, sentence, instead }) => {
            const why = [sentence, ...(instead === undefined ? [] : [instead])];
            return [`${id} ${verdict}: ${claim}`, ...why].map(line => wrapText(line, width - 3, '   ')).join('\n   ');
          })
          .join('\n');
      case 'list': {
        const { title, mark, items } = part;
        const begin = mark ? `${mark} ` : title ? '  ' : '';
        const lines = items.map(item => begin + wrapText(item, width - begin.length, '    '));
        return [...(title ? [title] : []), ...lines].join('\n');
      }
      case 'table':
        return `${part.title ? `${wrapText(part.title, width)}\n` : ''}${renderTextTable(part.head, part.rows)}`;
    }
  };
  return listParts(report).map(render).join('\n\n');
}

/** The comparison in Markdown, for `summary.md`. */
export function renderSummary(report: Report): string {
  const render = (part: Part): string => {
    switch (part.kind) {
      case 'heading':
        return `## ${escapeMarkdown(part.text)}`;
      case 'text':
        return escapeMarkdown(part.text);
      case 'claims':
        return renderClaims(part.claims);
      case 'list': {
        const items = part.items.map(item => `- ${escapeMarkdown(item)}`).join('\n');
        return part.title ? `${part.title}\n\n${items}` : items;
      }
      case 'table': {
        const rule = part.head.map((_, index) => (index === 0 ? ':---' : '---:'));
        const rows = [markdownRow(part.head), markdownRow(rule), ...part.rows.map(markdownRow)].join('\n');
        return part.title ? `${part.title}\n\n${rows}` : rows;
      }
    }
  };
  return `${[`# Comparison ${report.comparison.experiment}`, ...listParts(report).map(render)].join('\n\n')}\n`;
}

/** A row of a table in Markdown. */
export function markdownRow(values: readonly string[]): string {
  return `| ${values.map(escapeMarkdown).join(' | ')} |`;
}

/** A bar would end its column, and what looks like markup would become it. */
function escapeMarkdown(text: string): string {
  return text.replace(/[|<\\`]/g, '\\$&').replaceAll('\n', ' ');
}

function listParts(report: Report): Part[] {
  const { comparison, workloads, claims, experiment } = report;
  const { runtime, seed, warnings } = comparison;
  const answers = workloads.map(
    ({ workload: { name }, cells }) => `${name}: ${answerWorkload(name, cells, comparison).sentence}`,
  );
  return [
    ...(runtime === 'simulated' ? [text('Simulated: these figures come from a model; nothing was measured.')] : []),
    text(`Objective: ${shownObjective(comparison)}. Runtime ${runtime}, seed ${seed}.`),
    ...list(undefined, experiment.capacity ? answers : []),
    ...workloads.flatMap(of => listWorkload(of, report)),
    ...(claims.length === 0 ? [] : [{ kind: 'heading', text: 'Claims' } as const, { kind: 'claims', claims } as const]),
    ...list(
      'Warnings:',
      warnings.map(({ message }) => message),
      '!',
    ),
  ];
}

function listWorkload({ workload, cells }: ReportedWorkload, { experiment, comparison }: Report): Part[] {
  const requests = shownRequests(workload);
  const heading = {
    kind: 'heading',
    text: requests.length > 60 ? workload.name : `${workload.name}: ${requests}`,
  } as const;
  const parts = [
    ...(experiment.capacity
      ? [
          tabulateCapacities(cells),
          ...list(
            'What stopped each:',
            cells.map(cell => describeStop(cell, cells)),
          ),
          ...tabulateHalf(cells),
        ]
      : []),
    ...tabulateLoads(workload.name, comparison.loads),
    ...list('How many times as much:', describeRatios(workload.name, comparison.ratios)),
  ];
  return parts.length === 0 ? [] : [heading, ...parts];
}

function tabulateCapacities(cells: readonly ComparedCell[]): Part {
  const limited = limitedContainers.filter(container =>
    cells.some(({ deployment }) => deployment.containers?.[container] !== undefined),
  );
  return {
    kind: 'table',
    head: [
      ...['deployment', 'workers', 'connections', ...limited.map(container => `limits of ${container}`)],
      ...['capacity (1/s)', '95 % interval', 'interval from'],
    ],
    rows: cells.map(cell => [
      labelCell(cell, cells),
      String(cell.workers),
      String(cell.deployment.databaseConnections),
      ...limited.map(container => shownLimits(cell.deployment, container)),
      shownCapacity(cell),
      shownInterval(cell),
      shownIntervalSource(cell),
    ]),
  };
}

/** What the interval of a capacity comes from: `blocks`, the differences between them, or a `model` of queue and noise. */
function shownIntervalSource({ capacity }: ComparedCell): string {
  if (capacity.state !== 'bracketed') return '–';
  return capacity.interval === 'model' ? 'model' : 'blocks';
}

/** The figures of each cell at the carried load nearest to half of its capacity. */
function tabulateHalf(cells: readonly ComparedCell[]): Part[] {
  const rows = cells.flatMap(cell => {
    const { responseTime, serviceDemand, memory } = cell;
    if (responseTime === null) return [];
    return [
      [
        ...[labelCell(cell, cells), shownNumber(responseTime.arrivalRate)],
        ...[responseTime.p50, responseTime.p99].map(shownMilliseconds),
        ...components.map(component => shownMilliseconds(serviceDemand?.[component])),
        memory ? rounded(memory.workers / 1e6) : '–',
      ],
    ];
  });
  if (rows.length === 0) return [];
  return [
    {
      kind: 'table',
      title: 'Near half of the capacity: latency and CPU time per request in ms, memory of the workers in MB',
      head: ['deployment', 'load (1/s)', 'p50', 'p99', ...components.map(name => `CPU ${name}`), 'memory'],
      rows,
    },
  ];
}

/** The heads of the columns of `listLoads`. */
export const loadColumns = [
  ...['deployment', 'load', 'served (1/s)', 'p50 (ms)', 'p99 (ms)'],
  ...['failed', 'met the objective'],
];

/** The loads of a workload that the experiment names, a row each. */
export function listLoads(workload: string, loads: readonly MeasuredLoad[]): string[][] {
  return loads
    .filter(load => load.workload === workload)
    .map(({ deployment, load, throughput, p50, p99, errorFraction, met, trials }) => [
      ...[deploymentName(deployment), shownLoad(load), shownNumber(throughput), milliseconds(p50), milliseconds(p99)],
      ...[percent(errorFraction), `${met} of ${trials}`],
    ]);
}

function tabulateLoads(workload: string, loads: readonly MeasuredLoad[]): Part[] {
  const rows = listLoads(workload, loads);
  return rows.length === 0 ? [] : [{ kind: 'table', title: 'Loads of the experiment:', head: loadColumns, rows }];
}

/** `100/s`, `50 users, think time 1 s`, `100 at once`. */
function shownLoad(load: Load): string {
  switch (load.model) {
    case 'open':
      return `${shownNumber(load.arrivalRate)}/s`;
    case 'closed':
      return `${load.users} users${load.thinkTime > 0 ? `, think time ${rounded(load.thinkTime)} s` : ''}`;
    case 'burst':
      return `${load.requests} at once`;
  }
}

/** The verdicts in Markdown: a table of them, then the figures that they come from. */
export function renderClaims(claims: readonly ClaimVerdict[]): string {
  const rows = claims.map(({ id, claim, verdict, sentence, instead }) =>
    markdownRow([id, claim, verdict, instead === undefined ? sentence : `${sentence} Instead: ${instead}`]),
  );
  const figures = claims.flatMap(({ id, figures: own }) =>
    own.length === 0 ? [] : [`${id}:`, own.map(figure => `- ${escapeMarkdown(shownFigure(figure))}`).join('\n')],
  );
  const head = [markdownRow(['', 'claim', 'verdict', 'why']), markdownRow([':---', ':---', ':---', ':---'])];
  return [[...head, ...rows].join('\n'), ...figures].join('\n\n');
}

/** `mean wait: 0.0102 s [0.009, 0.0115]`. */
function shownFigure({ label, unit, estimate, low, high }: Figure): string {
  const [shownUnit, divisor] = unit === 'bytes' ? ['MB', 1e6] : [unit, 1];
  const interval =
    low === undefined || high === undefined ? '' : ` [${rounded(low / divisor)}, ${rounded(high / divisor)}]`;
  return `${label}: ${rounded(estimate / divisor)}${shownUnit === '' ? '' : ` ${shownUnit}`}${interval}`;
}

/** The limits of a container of a deployment: `0.6 CPUs, CPUs 0-1, 400 MB`. */
export function shownLimits({ containers }: Deployment, container: LimitedContainer): string {
  const { cpus, cpuset, memory } = containers?.[container] ?? {};
  const limits = [
    cpus === undefined ? [] : [shownCpus(cpus)],
    cpuset === undefined ? [] : [`CPUs ${cpuset}`],
    memory === undefined ? [] : [`${memory / 1e6} MB`],
  ].flat();
  return limits.length === 0 ? '–' : limits.join(', ');
}

function shownMilliseconds(seconds: Seconds | undefined): string {
  return seconds === undefined || !Number.isFinite(seconds) ? '–' : milliseconds(seconds);
}

function text(content: string): Part {
  return { kind: 'text', text: content };
}

function list(title: string | undefined, items: readonly string[], mark?: string): Part[] {
  return items.length === 0 ? [] : [{ kind: 'list', items, ...(title && { title }), ...(mark && { mark }) }];
}
