/** A generator of numbers in [0, 1): the same seeds give the same numbers (Mulberry32, T. Ettinger). */
export function seededRandom(...seeds: readonly number[]): () => number {
  let state = 0;
  for (const seed of seeds) state = Math.imul(state ^ seed, 0x9e37_79b1) + 0x7f4a_7c15;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** `items` in random order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  const order = [...items];
  for (let end = order.length - 1; end > 0; end--) {
    const chosen = Math.floor(random() * (end + 1));
    const [taken, moved] = [order[chosen], order[end]];
    if (taken !== undefined && moved !== undefined) [order[end], order[chosen]] = [taken, moved];
  }
  return order;
}
