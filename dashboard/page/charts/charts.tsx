import { useSignal } from '@preact/signals';
import { DataTable } from '../../../lab/view/data-table.ts';
import { wholePercent } from '../../../model/quantities.ts';
import type { DeploymentId } from '../../protocol.ts';
import { What } from '../explanations.tsx';
import { labelAt, occurrences, stagedAt } from '../live.ts';
import { shownMoment } from '../wording.ts';
import { Chart } from './chart.tsx';
import { readSecond, shownDeployments } from './chart-state.ts';
import { type ChartDefinition, charts, type Measure, valueAt } from './definitions.ts';
import { describeMark } from './marks.ts';

/** What was measured in the last two minutes. */
export function Charts() {
  const asTable = useSignal(false);
  const toggle = (): void => {
    asTable.value = !asTable.value;
  };
  return (
    <section class="part" id="charts" aria-labelledby="charts-name">
      <div class="part-head">
        <h2 id="charts-name">Measured, the last two minutes</h2>
        <button type="button" aria-expanded={asTable.value} onClick={toggle}>
          As a table
        </button>
      </div>
      {asTable.value && <FiguresTable />}
      <div class="charts">
        {charts.map(chart => (
          <Chart key={chart.name} chart={chart} />
        ))}
        <WhatHappened />
      </div>
    </section>
  );
}

const rows = charts.flatMap(chart => chart.measures.map(measure => ({ chart, measure })));

/** The figures of all charts at the pointer, or now. */
function FiguresTable() {
  const second = readSecond.value;
  const shown = (id: DeploymentId) => (row: { chart: ChartDefinition; measure: Measure }) => {
    const value = second && valueAt(second, { id, measure: row.measure });
    return value === undefined ? undefined : row.chart.shown(value);
  };
  const caption =
    second === undefined
      ? 'Nothing was measured yet'
      : `Measured in the second before ${shownMoment(second.time)}; CPUs busy, everything together: ${wholePercent(second.cpu)}`;
  return DataTable({
    caption,
    columns: {
      figure: ({ chart, measure }) => measure.inTable ?? chart.title,
      ...Object.fromEntries(shownDeployments.value.map(id => [labelAt(id), shown(id)])),
    },
    rows,
  });
}

/** Marks that the list shows. */
const LATEST = 8;

/** The marks of the charts as a list, the latest first. */
function WhatHappened() {
  const latest = occurrences.value.slice(-LATEST).reverse();
  return (
    <div class="happened">
      <div class="group-head">
        <h3>What happened</h3>
        <What word="mark" />
      </div>
      {latest.length === 0 ? (
        <p class="hint">Nothing out of the ordinary. Get in its way, below.</p>
      ) : (
        <ol>
          {latest.map(mark => (
            <li key={`${mark.time} ${mark.kind} ${mark.id ?? ''} ${mark.worker ?? ''}`}>
              <time>{shownMoment(mark.time)}</time> {describeMark(mark, stagedAt(mark.id))}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
