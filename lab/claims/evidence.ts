import { type ClaimId, claimIds } from '../../model/experiment.ts';
import type { Measurement, TrialResult } from '../../model/measurement.ts';
import { type ByBlock, type Interval, meanInterval, pairedRatio } from '../../model/statistics.ts';
import type { Decision, Evidence, Figure, Judgement } from './claim.ts';

/** Of each interval, so that all twelve verdicts hold together with 95 % (Bonferroni). */
export const CLAIM_CONFIDENCE = 1 - 0.05 / claimIds.length;

/** What a claim's part came to in each block in which it was completed. */
export function byBlock(
  { results }: Evidence,
  id: ClaimId,
  part: string,
  read: (measurement: Measurement) => number,
): ByBlock {
  const values = completedOf(results, id, part).map(
    ({ trial, measurement }) => [trial.block, read(measurement)] as const,
  );
  return new Map(values.filter(([, value]) => Number.isFinite(value)));
}

/** The completed trials of a claim's part. */
export function completedOf(results: readonly TrialResult[], id: ClaimId, part: string) {
  return results.filter(
    result => result.state === 'completed' && result.trial.claim?.id === id && result.trial.claim.part === part,
  ) as Extract<TrialResult, { state: 'completed' }>[];
}

/** The ratio of two parts, paired by block. */
export function ratioOf(of: ByBlock, to: ByBlock): Interval {
  return pairedRatio(of, to, CLAIM_CONFIDENCE);
}

/** The mean over the blocks. */
export function meanOver(values: ByBlock): Interval {
  return meanInterval([...values.values()], CLAIM_CONFIDENCE);
}

/** `of` less `to`, paired by block: the mean of the differences. */
export function differenceOf(of: ByBlock, to: ByBlock): Interval {
  return meanOver(combined([of, to], ([one, other]) => one - other));
}

/** A value of each block that has all of these. */
export function combined<const Parts extends readonly ByBlock[]>(
  parts: Parts,
  read: (values: { [Index in keyof Parts]: number }) => number,
): ByBlock {
  const [first] = parts;
  const blocks = [...(first?.keys() ?? [])].filter(block => parts.every(part => part.has(block)));
  return new Map(
    blocks.map(block => [block, read(parts.map(part => part.get(block)) as { [Index in keyof Parts]: number })]),
  );
}

/** What an interval says about a statement that the value lies from `from` to `to`. */
export function decided(
  { low, high }: Interval,
  { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY }: { from?: number; to?: number },
): Decision {
  if (!Number.isFinite(low) || !Number.isFinite(high)) return 'unmeasured';
  if (low >= from && high <= to) return 'supported';
  return high < from || low > to ? 'refuted' : 'not shown';
}

/** What several statements that must all hold amount to. */
export function allOf(decisions: readonly Decision[]): Decision {
  const order: readonly Decision[] = ['refuted', 'unmeasured', 'not shown'];
  return order.find(decision => decisions.includes(decision)) ?? 'supported';
}

/** An interval as a figure. */
export function figure(label: string, unit: string, { estimate, low, high }: Interval): Figure {
  return Number.isFinite(low) && Number.isFinite(high)
    ? { label, unit, estimate, low, high }
    : { label, unit, estimate };
}

/** A claim that its trials say too little about, and what became of them. */
export function unmeasured({ results }: Evidence, id: ClaimId, figures: readonly Figure[] = []): Judgement {
  const own = results.filter(({ trial }) => trial.claim?.id === id);
  const lost = own.flatMap(result => {
    if (result.state === 'completed') return [];
    return [result.state === 'invalid' ? result.reason.kind : result.error.code];
  });
  const kinds = lost.length === 0 ? '' : ` (${[...new Set(lost)].join(', ')})`;
  const why =
    own.length === 0
      ? 'no trial was made for it'
      : `${own.length} trials were made for it, of which ${lost.length} came to nothing${kinds}`;
  const sentence = `It takes two blocks at least that have all of its parts; ${why}.`;
  return { verdict: 'unmeasured', sentence, figures: figures.filter(({ estimate }) => Number.isFinite(estimate)) };
}
