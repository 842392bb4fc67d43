import type { TourFigure } from '../../protocol.ts';
import { labelAt, styleAt } from '../live.ts';
import { type FigureGroup, shownFigure, shownInterval } from './figure-groups.ts';

/** Figures of one name as a table with bars: a row for each deployment. */
export function FigureBars({ group, meaning }: { readonly group: FigureGroup; readonly meaning: string | undefined }) {
  return (
    <table class="tour-figures">
      <caption>
        <strong>{group.name}</strong>
        {meaning !== undefined && <span>{meaning}</span>}
      </caption>
      <tbody>
        {group.figures.map(figure => (
          <tr key={figure.id}>
            <th scope="row">{figure.id === undefined ? 'both' : labelAt(figure.id)}</th>
            <td class="tour-bar-cell">
              <Bar figure={figure} greatest={group.greatest} />
            </td>
            <td>
              {shownFigure(figure)}
              <IntervalOf figure={figure} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function IntervalOf({ figure }: { readonly figure: TourFigure }) {
  const interval = shownInterval(figure);
  return interval === undefined ? null : (
    <small>
      <span class="visually-hidden">95 % interval </span>
      {interval}
    </small>
  );
}

/** As long as the value on the group's scale, with a line for its interval. */
function Bar({ figure, greatest }: { readonly figure: TourFigure; readonly greatest: number }) {
  const { id, value, low, high } = figure;
  const style = styleAt(id);
  return (
    <svg class="tour-bar" aria-hidden="true" focusable="false">
      <rect
        class={style === undefined ? 'tour-bar-both' : undefined}
        fill={style?.colour}
        width={percentOf(value, greatest)}
        height="100%"
      />
      {low !== undefined && high !== undefined && (
        <line x1={percentOf(low, greatest)} x2={percentOf(high, greatest)} y1="50%" y2="50%" />
      )}
    </svg>
  );
}

function percentOf(value: number, greatest: number): string {
  return greatest > 0 ? `${Math.max(0, Math.min(100, (100 * value) / greatest)).toFixed(1)}%` : '0%';
}
