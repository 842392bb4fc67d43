/** Turns of the mixing loop in one unit: about 50 µs on the machine that it was chosen on. */
const TURNS_PER_UNIT = 20_000;

/**
 * Integer work of so many units on the calling thread; the value depends on every turn, so none can be left out.
 * The mixing step is xorshift32 (Marsaglia, "Xorshift RNGs", 2003) followed by a multiplication. It stands in one
 * function: where V8 inlines a step of its own or not, as it happened to be called before, units take twice as long.
 */
export function cpuWork(units: number): number {
  let value = 0x9e3779b9 | 0;
  for (let unit = 0; unit < units; unit += 1) {
    for (let turn = 0; turn < TURNS_PER_UNIT; turn += 1) {
      value ^= value << 13;
      value ^= value >>> 17;
      value ^= value << 5;
      value = Math.imul(value, 0x2c1b3c6d) ^ turn;
    }
  }
  return value >>> 0;
}
