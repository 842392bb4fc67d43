/** Who sits where with one worker. Seats are in rings; the next task takes the next free seat of the first ring with one. */
export class Seating {
  readonly #rings: { readonly first: number; readonly dots: (number | undefined)[]; next: number; free: number }[] = [];

  /** `rings`: how many seats each has. */
  constructor(rings: readonly number[]) {
    let first = 0;
    for (const seats of rings) {
      this.#rings.push({ first, dots: new Array(seats).fill(undefined), next: 0, free: seats });
      first += seats;
    }
  }

  /** The number of the seat that the dot has from now on; `undefined`: all are taken. */
  take(dot: number): number | undefined {
    const ring = this.#rings.find(({ free }) => free > 0);
    if (ring === undefined) return undefined;
    while (ring.dots[ring.next] !== undefined) ring.next = (ring.next + 1) % ring.dots.length;
    const seat = ring.next;
    ring.dots[seat] = dot;
    ring.free--;
    ring.next = (seat + 1) % ring.dots.length;
    return ring.first + seat;
  }

  /** The seat is free again. */
  leave(seat: number): void {
    const ring = this.#rings.findLast(({ first }) => first <= seat);
    if (ring === undefined || ring.dots[seat - ring.first] === undefined) return;
    ring.dots[seat - ring.first] = undefined;
    ring.free++;
  }
}
