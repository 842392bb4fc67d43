import { rounded } from '../../model/quantities.ts';
import type { ClaimVerdict, Figure } from '../claims/claim.ts';
import { listOf, row } from './markdown.ts';

/** The verdicts on the claims in Markdown: a table of them, then the figures that each rests on. */
export function claimsTable(verdicts: readonly ClaimVerdict[]): string {
  const table = [
    row(['', 'claim', 'verdict', 'why']),
    row([':---', ':---', ':---', ':---']),
    ...verdicts.map(({ id, claim, verdict, sentence, instead }) =>
      row([id, claim, verdict, instead === undefined ? sentence : `${sentence} Instead: ${instead}`]),
    ),
  ].join('\n');
  const figures = verdicts
    .filter(verdict => verdict.figures.length > 0)
    .flatMap(verdict => [`${verdict.id}:`, listOf(verdict.figures.map(shownFigure))]);
  return [table, ...figures].join('\n\n');
}

/** `mean wait: 0.0102 s [0.009, 0.0115]`. */
function shownFigure({ label, unit, estimate, low, high }: Figure): string {
  // Nobody reads bytes of a process.
  const [shownUnit, divisor] = unit === 'bytes' ? ['MB', 1e6] : [unit, 1];
  const interval =
    low === undefined || high === undefined ? '' : ` [${rounded(low / divisor)}, ${rounded(high / divisor)}]`;
  return `${label}: ${rounded(estimate / divisor)}${shownUnit === '' ? '' : ` ${shownUnit}`}${interval}`;
}
