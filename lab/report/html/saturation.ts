import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { resourceNames } from '../../../model/measurement.ts';
import { milliseconds, percent, rounded } from '../../../model/quantities.ts';
import type { ResourcesAt } from '../../explain/bottleneck.ts';
import { describeStop } from '../answer.ts';
import type { Predictions } from '../predictions.ts';
import type { ReportedCell, ReportedWorkload } from '../report.ts';
import { Behind, DataTable } from './data-table.ts';

interface Props {
  readonly of: ReportedWorkload;
  readonly predictions: Predictions | undefined;
}

/** What stopped each deployment, and how busy everything was at its capacity and just above it; what the model says would. */
export function SaturationSection({ of: { cells, workload }, predictions }: Props): VNode {
  const predicted = cells.flatMap(cell => {
    const own = predictions?.cells.get(cell);
    return own === undefined ? [] : [[cell.label, resourceNames[own.bottleneck].phrase, rounded(own.saturation)]];
  });
  return html`<section>
    <h3>What stopped it</h3>
    <ul class="stops">${cells.map(cell => html`<li>${describeStop(cell, cells)}</li>`)}</ul>
    <details><summary>Every resource at capacity and just above it</summary>
      <${DataTable} caption=${`Resources at the highest load that was carried and the lowest that was not, for ${workload.name}`}
        columns=${columns} rows=${cells.flatMap(rowsOf)} />
    </details>
    ${
      predicted.length > 0 &&
      html`<${Behind} summary="What is predicted to stop it" caption=${`What gives out first as the load grows, by the model of this run, for ${workload.name}`}
        columns=${predictedColumns} rows=${predicted} />`
    }
  </section>`;
}

const predictedColumns = [{ head: 'deployment' }, { head: 'resource', words: true }, { head: 'used up at (1/s)' }];

const columns = [
  { head: 'deployment' },
  { head: 'load (1/s)' },
  { head: 'was', words: true },
  { head: 'workers busy' },
  { head: 'requests held by one, mean (most)' },
  { head: 'connections in use' },
  { head: 'backends at work, mean (most)' },
  { head: 'wait for a worker (ms)' },
  { head: 'wait for a connection (ms)' },
  { head: 'CPUs' },
  { head: 'k6' },
  { head: 'other programs' },
  { head: 'steal' },
  { head: 'throttled' },
  { head: 'context switches a request, voluntary (not)' },
];

function rowsOf({ label, bottleneck }: ReportedCell): string[][] {
  const around = [
    { was: 'carried', at: bottleneck?.at },
    { was: 'missed', at: bottleneck?.above },
  ];
  return around.flatMap(({ was, at }) => (at ? [[label, rounded(at.arrivalRate), was, ...figuresOf(at)]] : []));
}

function figuresOf(at: ResourcesAt): string[] {
  const { workersBusy, heldPerWorker, databaseConnections, waiting, utilisation, cpuShare, contextSwitches } = at;
  const { inUse, activeBackends } = databaseConnections;
  return [
    busyOf(workersBusy),
    heldPerWorker ? `${rounded(heldPerWorker.mean)} (${rounded(heldPerWorker.most)})` : '–',
    known(inUse, rounded),
    activeBackends === null ? '–' : `${rounded(activeBackends.mean)} (${rounded(activeBackends.most)})`,
    known(waiting?.worker, milliseconds),
    known(waiting?.connection, milliseconds),
    percent(utilisation.cpu),
    percent(cpuShare.k6),
    percent(cpuShare.others),
    percent(at.steal),
    at.throttled === null ? '–' : percent(at.throttled),
    !contextSwitches ? '–' : `${rounded(contextSwitches.voluntary)} (${rounded(contextSwitches.involuntary)})`,
  ];
}

function busyOf(workers: ResourcesAt['workersBusy']): string {
  if (workers === undefined) return '–';
  const [lowest, highest] = [percent(workers.lowest), percent(workers.highest)];
  return lowest === highest ? lowest : `${lowest}..${highest}`;
}

function known(value: number | undefined, show: (value: number) => string): string {
  return value !== undefined && Number.isFinite(value) ? show(value) : '–';
}
