import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { Ratio } from '../../compare/ratios.ts';
import { fairReadings, groupRatios, shownRatio } from '../ratio-text.ts';
import { DataTable } from './data-table.ts';

const others = ["the article's sizes", 'best sizes'] as const satisfies Ratio['reading'][];

/** How many times as much one topology carries as another, a row a pair and a column a reading. */
export function RatiosSection({ workload, ratios }: { workload: string; ratios: readonly Ratio[] }): VNode {
  const rows = groupRatios(workload, ratios);
  if (rows.length === 0) return html`<!-- -->`;
  const isIn = (list: readonly Ratio['reading'][]) => (ratio: Ratio) => list.includes(ratio.reading);
  const tables = [fairReadings, others].flatMap(list => {
    const readings = list.filter(reading => rows.some(row => row.ratios.some(ratio => ratio.reading === reading)));
    const own = rows.filter(row => row.ratios.some(isIn(list)));
    return own.length === 0 ? [] : [{ readings, own }];
  });
  return html`<section>
    <h3>How many times as much</h3>
    ${tables.map(
      ({ readings, own }) => html`<${DataTable} caption=${`Capacity ÷ capacity: ${readings.join(', ')}`}
        columns=${[{ head: 'pair' }, ...readings.map(head => ({ head, words: true }))]}
        rows=${own.map(({ pair, ratios: inPair }) => [
          pair,
          ...readings.map(reading => shownIn(inPair.find(ratio => ratio.reading === reading))),
        ])} />`,
    )}
    <p class="note">With 95 % intervals, paired by block. An interval that holds 1 shows no difference.</p>
  </section>`;
}

function shownIn(ratio: Ratio | undefined): string | VNode {
  if (ratio === undefined) return '–';
  return html`${shownRatio(ratio)}<small>${`${ratio.ofDeployment} ÷ ${ratio.toDeployment}`}</small>`;
}
