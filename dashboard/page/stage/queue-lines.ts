/**
 * The rows in which the dots of one pool wait. Who comes joins the shortest row and stays in it, so that nobody changes
 * places with anybody, and each row moves on when its first dot leaves.
 */
export class QueueLines {
  readonly #rowOf = new Map<number, number>();
  readonly #order: readonly number[];
  readonly #lengths: number[];

  constructor(rows: number) {
    this.#order = fromTheMiddle(rows);
    this.#lengths = new Array(rows).fill(0);
  }

  /** Begins to count anew. */
  begin(): void {
    this.#lengths.fill(0);
  }

  /** The row of a dot and its place in it, from 0; to be asked in the order in which they came. */
  place(dot: number): { readonly row: number; readonly place: number } {
    const row = this.#rowOf.get(dot) ?? this.next().row;
    this.#rowOf.set(dot, row);
    const place = this.#lengths[row] ?? 0;
    this.#lengths[row] = place + 1;
    return { row, place };
  }

  /** Where the next that comes would wait. */
  next(): { readonly row: number; readonly place: number } {
    let best = this.#order[0] ?? 0;
    for (const row of this.#order) {
      if ((this.#lengths[row] ?? 0) < (this.#lengths[best] ?? 0)) best = row;
    }
    return { row: best, place: this.#lengths[best] ?? 0 };
  }

  /** It has left. */
  leave(dot: number): void {
    this.#rowOf.delete(dot);
  }
}

/** 0 to `rows` − 1, those in the middle first. */
function fromTheMiddle(rows: number): number[] {
  const middle = (rows - 1) / 2;
  return Array.from({ length: rows }, (_, row) => row).sort(
    (one, other) => Math.abs(one - middle) - Math.abs(other - middle) || one - other,
  );
}
