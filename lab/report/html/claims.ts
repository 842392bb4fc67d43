import type { VNode } from 'preact';
import { rounded } from '../../../model/quantities.ts';
import type { ClaimVerdict, Figure } from '../../claims/claim.ts';
import { type Columns, DataTable, FoldedTable } from '../../view/data-table.ts';
import { h } from '../../view/element.ts';

/** How many of the claims came out how: `Of 12 claims: 6 supported (C1, C2, …); …`. */
export function ClaimsAnswer(claims: readonly ClaimVerdict[]): VNode {
  const parts = [...Map.groupBy(claims, ({ verdict }) => verdict)].map(
    ([verdict, own]) => `${own.length} ${verdict} (${own.map(({ id }) => id).join(', ')})`,
  );
  return h('div', { class: 'answer' }, [
    h('p', { class: 'asked' }, h('a', { href: '#claims' }, 'claims')),
    h('p', { class: 'said' }, `Of ${claims.length} claims: ${parts.join('; ')}.`),
  ]);
}

/** The claims that were tested, each with its verdict and the figures that it rests on. */
export function ClaimsSection(claims: readonly ClaimVerdict[]): VNode {
  const rows = claims.flatMap(({ id, figures }) => figures.map(figure => ({ id, ...inShownUnit(figure) })));
  return h('section', null, [
    h('h2', { id: 'claims' }, 'Claims'),
    h('p', { class: 'note' }, 'Not shown: the interval holds the line between supported and refuted.'),
    DataTable({ caption: 'Verdicts', columns: claimColumns, words: ['what it says', 'verdict', 'why'], rows: claims }),
    FoldedTable({
      caption: 'Figures that the verdicts rest on',
      columns: figureColumns,
      words: ['figure', 'unit'],
      rows,
    }),
  ]);
}

const claimColumns: Columns<ClaimVerdict> = {
  claim: ({ id }) => id,
  'what it says': ({ claim }) => claim,
  verdict: ({ verdict }) => h('span', { class: 'verdict' }, verdict),
  why: ({ sentence, instead }) => [sentence, instead !== undefined && h('small', null, `Instead: ${instead}`)],
};

const figureColumns: Columns<Figure & { id: string }> = {
  claim: ({ id }) => id,
  figure: ({ label }) => label,
  estimate: ({ estimate }) => rounded(estimate),
  interval: ({ low, high }) =>
    low === undefined || high === undefined ? undefined : `${rounded(low)}..${rounded(high)}`,
  unit: ({ unit }) => unit,
};

/** Memory in megabytes. */
function inShownUnit(figure: Figure): Figure {
  const { unit, estimate, low, high } = figure;
  if (unit !== 'bytes') return figure;
  const megabytes = { ...(low !== undefined && { low: low / 1e6 }), ...(high !== undefined && { high: high / 1e6 }) };
  return { ...figure, ...megabytes, unit: 'MB', estimate: estimate / 1e6 };
}
