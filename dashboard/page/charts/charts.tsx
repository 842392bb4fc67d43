import { useSignal } from '@preact/signals';
import { Chart } from './chart.tsx';
import { charts } from './definitions.ts';
import { FiguresTable } from './figures-table.tsx';
import { WhatHappened } from './what-happened.tsx';

/** What was measured in the last two minutes. */
export function Charts() {
  const asTable = useSignal(false);
  return (
    <section class="part" id="charts" aria-labelledby="charts-name">
      <div class="part-head">
        <h2 id="charts-name">Measured, the last two minutes</h2>
        <button
          type="button"
          aria-expanded={asTable.value}
          onClick={() => {
            asTable.value = !asTable.value;
          }}
        >
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
