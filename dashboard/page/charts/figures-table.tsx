import { wholePercent } from '../../../model/quantities.ts';
import { shownMoment } from '../local-text.ts';
import { linesOf, valueAt } from './columns.ts';
import { charts } from './definitions.ts';
import { readSecond, shownTopologies } from './hovered.ts';

/** The latest figures of all charts, in words and numbers. */
export function FiguresTable() {
  const second = readSecond.value;
  const topologies = shownTopologies.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" tabIndex={0} aria-label="Figures">
      <table>
        <caption>
          {second === undefined
            ? 'Nothing was measured yet'
            : `Measured in the second before ${shownMoment(second.time)}`}
        </caption>
        <thead>
          <tr>
            <th scope="col">figure</th>
            {topologies.map(topology => (
              <th key={topology} scope="col">
                {topology}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {charts.flatMap(chart =>
            chart.measures.map(measure => (
              <tr key={`${chart.name} ${measure.name}`}>
                <th scope="row">{measure.inTable ?? chart.title}</th>
                {linesOf({ ...chart, measures: [measure], machine: false }, topologies).map(line => {
                  const value = second && valueAt(second, line);
                  return <td key={line.topology}>{value === undefined ? '–' : chart.shown(value)}</td>;
                })}
              </tr>
            )),
          )}
          <tr>
            <th scope="row">CPUs busy, everything together</th>
            <td colSpan={topologies.length}>{second === undefined ? '–' : wholePercent(second.cpu)}</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}
