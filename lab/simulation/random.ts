/** A generator of random numbers: the same seeds give the same numbers. (sfc32, by Doty-Humphrey.) */
export class Random {
  // Of 32 bits each: as plain fields they would be boxed at every draw.
  readonly #state = new Int32Array(4);

  constructor(...seeds: readonly number[]) {
    this.#state.set([0x9e37_79b9, 0x243f_6a88, 0xb7e1_5162, 1]);
    for (const seed of seeds) {
      this.#state[0] = (this.#state[0] ?? 0) ^ seed;
      this.#state[1] = (this.#state[1] ?? 0) ^ Math.trunc(seed / 2 ** 32);
      // Seeds that differ in one bit are told apart only after some rounds.
      for (let round = 0; round < 15; round++) this.next();
    }
  }

  /** Evenly spread over [0, 1). */
  next(): number {
    const state = this.#state;
    const a = state[0] as number;
    const b = state[1] as number;
    const c = state[2] as number;
    const counter = state[3] as number;
    const sum = (a + b + counter) | 0;
    state[0] = b ^ (b >>> 9);
    state[1] = (c + (c << 3)) | 0;
    state[2] = (((c << 21) | (c >>> 11)) + sum) | 0;
    state[3] = (counter + 1) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  /** From the exponential distribution with mean 1. */
  exponential(): number {
    return -Math.log(1 - this.next());
  }

  /** From the normal distribution with mean 0 and standard deviation 1 (Box and Muller). */
  normal(): number {
    return Math.sqrt(2 * this.exponential()) * Math.cos(2 * Math.PI * this.next());
  }
}
