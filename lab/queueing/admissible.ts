/** Refuses what is not a finite number above 0. */
export function requirePositive(quantities: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(quantities)) {
    if (!(value > 0 && value < Infinity)) throw new RangeError(`${name} has to be a number above 0: ${value}`);
  }
}

/** Refuses what is not a finite number of 0 or more. */
export function requireNotNegative(quantities: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(quantities)) {
    if (!(value >= 0 && value < Infinity)) throw new RangeError(`${name} has to be a number of 0 or more: ${value}`);
  }
}

/** Refuses what cannot be counted: fractions, none, less than none. */
export function requireCount(quantities: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(quantities)) {
    if (!(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(`${name} has to be a whole number from 1 on: ${value}`);
    }
  }
}

/** Refuses what is no probability that a quantile can have: below 0, or 1 and above. */
export function requireQuantile(quantile: number): void {
  if (!(quantile >= 0 && quantile < 1)) throw new RangeError(`a quantile is from 0 to below 1: ${quantile}`);
}
