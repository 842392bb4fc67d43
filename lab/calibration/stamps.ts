import type { Seconds } from '../../model/quantities.ts';

/** What the stamping server knows of the requests that it has answered, in the order of their answers. */
export interface Stamps {
  /** When each came, on the machine's clock. */
  readonly received: readonly Seconds[];
  /** From then until its answer was handed over. */
  readonly delay: readonly Seconds[];
}

/** The stamps of the `count` requests that came last: of those that were scored, since a warm-up comes first. */
export function lastOf({ received, delay }: Stamps, count: number): Stamps {
  const order = received.map((_, index) => index).sort((a, b) => (received[a] ?? 0) - (received[b] ?? 0));
  const last = order.slice(Math.max(0, order.length - count));
  return { received: last.map(index => received[index] ?? 0), delay: last.map(index => delay[index] ?? 0) };
}
