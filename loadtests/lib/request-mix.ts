import type { Random } from '../../model/random.ts';
import type { WeightedRequest } from '../../model/wire.ts';

/** Requests drawn at random, each as often as its share of all weights. */
export class RequestMix {
  readonly #random: Random;
  #requests: readonly WeightedRequest[] = [];
  #totalWeight = 0;

  constructor(random: Random, requests: readonly WeightedRequest[]) {
    this.#random = random;
    this.replace(requests);
  }

  /** Draws from these from now on. */
  replace(requests: readonly WeightedRequest[]): void {
    this.#requests = requests;
    this.#totalWeight = requests.reduce((sum, request) => sum + request.weight, 0);
  }

  draw(): WeightedRequest {
    let left = this.#random() * this.#totalWeight;
    let last: WeightedRequest | undefined;
    for (const request of this.#requests) {
      last = request;
      left -= request.weight;
      if (left < 0) return request;
    }
    if (last === undefined) throw new RangeError('there is no request to draw from');
    return last;
  }
}
