import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { rounded } from '../../../model/quantities.ts';
import type { ClaimVerdict, Figure } from '../../claims/claim.ts';
import { Behind, DataTable } from './data-table.ts';

/** The claims that were put to the test, each with its verdict and the figures that it rests on. */
export function ClaimsSection({ claims }: { claims: readonly ClaimVerdict[] }): VNode {
  return html`<section>
    <h2 id="claims">The claims</h2>
    <${DataTable} caption="Verdicts" columns=${columns} rows=${claims.map(rowOf)} />
    <${Behind} caption="Figures that the verdicts rest on" columns=${figureColumns}
      rows=${claims.flatMap(({ id, figures }) => figures.map(figure => [id, ...figureRow(figure)]))} />
    <p class="note">Not shown: the interval holds the line between supported and refuted.</p>
  </section>`;
}

/** How the claims came out, in a sentence: `Of 12 claims 6 are supported (C1, C2, …), …`. */
export function ClaimsAnswer({ claims }: { claims: readonly ClaimVerdict[] }): VNode {
  const parts = [...Map.groupBy(claims, ({ verdict }) => verdict)].map(
    ([verdict, own]) => `${own.length} ${verdict} (${own.map(({ id }) => id).join(', ')})`,
  );
  return html`<div class="answer">
    <p class="asked"><a href="#claims">claims</a></p>
    <p class="said">${`Of ${claims.length} claims: ${parts.join('; ')}.`}</p>
  </div>`;
}

const columns = [
  { head: 'claim' },
  { head: 'what it says', words: true },
  { head: 'verdict', words: true },
  { head: 'why', words: true },
];

function rowOf({ id, claim, verdict, sentence, instead }: ClaimVerdict): (string | VNode)[] {
  const aside = instead !== undefined && html`<small>${`Instead: ${instead}`}</small>`;
  return [id, claim, html`<span class="verdict">${verdict}</span>`, html`${sentence}${aside}`];
}

const figureColumns = [
  { head: 'claim' },
  { head: 'figure', words: true },
  { head: 'estimate' },
  { head: 'interval' },
  { head: 'unit', words: true },
];

function figureRow({ label, unit, estimate, low, high }: Figure): string[] {
  // Nobody reads bytes of a process.
  const [shownUnit, divisor] = unit === 'bytes' ? ['MB', 1e6] : [unit, 1];
  const interval =
    low === undefined || high === undefined ? '–' : `${rounded(low / divisor)}..${rounded(high / divisor)}`;
  return [label, rounded(estimate / divisor), interval, shownUnit];
}
