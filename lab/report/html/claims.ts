import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { ClaimVerdict, Figure } from '../../analysis/claims/claim.ts';
import { rounded } from '../../analysis/numbers.ts';
import { DataTable } from './data-table.ts';

/** The claims that were put to the test, each with its verdict and the figures that it rests on. */
export function ClaimsSection({ claims }: { claims: readonly ClaimVerdict[] }): VNode {
  return html`<section>
    <h2 id="claims">The claims</h2>
    <${DataTable} caption="Verdicts" columns=${columns} rows=${claims.map(rowOf)} />
    <p class="note">Not shown: the interval holds the line between supported and refuted.</p>
  </section>`;
}

const columns = [
  { head: 'claim' },
  { head: 'what it says', words: true },
  { head: 'verdict', words: true },
  { head: 'why', words: true },
  { head: 'figures', words: true },
];

function rowOf({ id, claim, verdict, sentence, figures, instead }: ClaimVerdict): (string | VNode)[] {
  return [
    id,
    claim,
    html`<span class="verdict">${verdict}</span>`,
    html`${sentence}${instead !== undefined && html`<br /><em>Instead: ${instead}</em>`}`,
    html`<ul class="figures">${figures.map(figure => html`<li>${shownFigure(figure)}</li>`)}</ul>`,
  ];
}

/** `throughput of sync: 92.1/s [90.2, 94]`. */
function shownFigure({ label, unit, estimate, low, high }: Figure): string {
  const interval = low === undefined || high === undefined ? '' : ` [${rounded(low)}, ${rounded(high)}]`;
  return `${label}: ${rounded(estimate)}${unit === '' ? '' : ` ${unit}`}${interval}`;
}
