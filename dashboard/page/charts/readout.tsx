import { labelAt, styleAt } from '../live.ts';
import { Swatch } from '../swatch.tsx';
import { linesOf, valueAt } from './columns.ts';
import type { ChartDefinition } from './definitions.ts';
import { readSecond, shownDeployments } from './hovered.ts';

/** A chart's figures at the cursor, or now, for each deployment; they are its legend too. */
export function Readout({ chart }: { readonly chart: ChartDefinition }) {
  const second = readSecond.value;
  const shown = (value: number | undefined): string => (value === undefined ? '–' : chart.shown(value));
  const named = chart.measures.length > 1;
  return (
    <ul class="readout">
      {shownDeployments.value.map(id => {
        const style = styleAt(id);
        return (
          <li key={id}>
            {style && <Swatch style={style} />}
            <span class="name">{labelAt(id)}</span>
            {linesOf({ ...chart, machine: false }, [id]).map(({ measure, ...line }) => (
              <span key={measure.name} class={measure.thin ? 'thin' : 'thick'}>
                {named && <span class="measure">{measure.name} </span>}
                {shown(second && valueAt(second, { ...line, measure }))}
              </span>
            ))}
          </li>
        );
      })}
      {chart.machine && (
        <li>
          <svg class="swatch" width="24" height="8" viewBox="0 0 24 8" aria-hidden="true" focusable="false">
            <line x1="0" y1="4" x2="24" y2="4" class="line-machine" />
          </svg>
          <span class="name">everything</span>
          <span class="thick">{shown(second?.cpu)}</span>
        </li>
      )}
    </ul>
  );
}
