import type { Random } from '../../model/random.ts';
import type { ErrorKind, WeightedRequest } from '../../model/wire.ts';

/** How a request ended. */
export interface Ending {
  /** Absent: it succeeded. `not-sent`: the generator had no connection left. */
  readonly error?: ErrorKind | 'not-sent';
  /** Seconds that its connection took from beginning to last byte; absent: there was no answer. */
  readonly fromSend?: number;
}

/** What the system tells a generator that has no file or port left: its own limit, not the service's. */
const outOfConnections = /too many open files|cannot assign requested address/;

/** How a request ended that was answered with `status`. */
export function describeAnswer(status: number, fromSend: number): Ending {
  if (status < 400) return { fromSend };
  if (status < 500) return { fromSend, error: 'status-4xx' };
  return { fromSend, error: status === 503 || status === 504 ? `status-${status}` : 'status-5xx' };
}

/** How a request ended without an answer: `reason` after `after` of the seconds that it had. */
export function describeFailure(reason: string, after: number, timeLimit: number): Ending {
  if (outOfConnections.test(reason)) return { error: 'not-sent' };
  return { error: after >= timeLimit ? 'timeout' : 'connection' };
}

/** Whether there was no answer of any status: then the time limit counts as the response time. */
export function isUnanswered(error: ErrorKind | undefined): boolean {
  return error === 'timeout' || error === 'connection';
}

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
