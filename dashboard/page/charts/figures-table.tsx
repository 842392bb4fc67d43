import { wholePercent } from '../../../model/quantities.ts';
import { labelAt } from '../live.ts';
import { shownMoment } from '../wording.ts';
import { linesOf, valueAt } from './columns.ts';
import { charts } from './definitions.ts';
import { readSecond, shownDeployments } from './hovered.ts';

/** The latest figures of all charts, in words and numbers. */
export function FiguresTable() {
  const second = readSecond.value;
  const deployments = shownDeployments.value;
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
            {deployments.map(id => (
              <th key={id} scope="col">
                {labelAt(id)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {charts.flatMap(chart =>
            chart.measures.map(measure => (
              <tr key={`${chart.name} ${measure.name}`}>
                <th scope="row">{measure.inTable ?? chart.title}</th>
                {linesOf({ ...chart, measures: [measure], machine: false }, deployments).map(line => {
                  const value = second && valueAt(second, line);
                  return <td key={line.id}>{value === undefined ? '–' : chart.shown(value)}</td>;
                })}
              </tr>
            )),
          )}
          <tr>
            <th scope="row">CPUs busy, everything together</th>
            <td colSpan={deployments.length}>{second === undefined ? '–' : wholePercent(second.cpu)}</td>
          </tr>
        </tbody>
      </table>
    </section>
  );
}
