/**
 * How likely each state 0 … n of a birth–death process is, against the likeliest, which has weight 1.
 *
 *   w(k) = w(k−1) ratio(k)
 *
 * ratio(k): the rate from k−1 to k over the rate back. It must not grow with k, which makes the weights rise to one top
 * and fall from it. They are worked out from the top downwards on both sides: nothing overflows, and what is too unlikely
 * for a number becomes 0.
 *
 * Source: L. Kleinrock, Queueing Systems, volume 1, 1975, chapter 3.
 */
export function birthDeathWeights(last: number, ratio: (state: number) => number): Float64Array {
  const weights = new Float64Array(last + 1);
  let top = 0;
  while (top < last && ratio(top + 1) >= 1) top++;
  let weight = 1;
  weights[top] = weight;
  for (let state = top; state > 0 && weight > 0; state--) {
    weight /= ratio(state);
    weights[state - 1] = weight;
  }
  weight = 1;
  for (let state = top + 1; state <= last && weight > 0; state++) {
    weight *= ratio(state);
    weights[state] = weight;
  }
  return weights;
}
