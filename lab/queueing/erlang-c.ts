import type { Fraction, PerSecond, Seconds } from '../../model/quantities.ts';
import { requireNotNegative } from './admissible.ts';

/** One queue before several equal servers: arrivals are Poisson, service times exponential (M/M/c). */
export interface ServerPool {
  /** λ */
  readonly arrivalRate: PerSecond;
  /** S, the mean time that a server spends on a request. */
  readonly serviceTime: Seconds;
  /** c */
  readonly servers: number;
}

/**
 * The probability that a request has to wait (Erlang's second formula):
 *
 *   B(0) = 1,  B(k) = a B(k−1) ÷ (k + a B(k−1))        C = B(c) ÷ (1 − ρ (1 − B(c)))
 *
 * a = λ S: offered traffic. ρ = a ÷ c. B: Erlang's first formula, by its recursion, which neither overflows nor cancels.
 *
 * Source: A. K. Erlang, 1917; L. Kleinrock, Queueing Systems, volume 1, 1975, §3.5 (M/M/m).
 */
export function waitingProbability(pool: ServerPool): Fraction {
  requireStable(pool);
  const { servers } = pool;
  const traffic = trafficOf(pool);
  let blocked = 1;
  for (let k = 1; k <= servers; k++) blocked = (traffic * blocked) / (k + traffic * blocked);
  return blocked / (1 - (traffic / servers) * (1 - blocked));
}

/** The probability that a request waits for longer than `wait`: P(W > t) = C exp(−(c ÷ S − λ) t). */
export function waitsLongerProbability(pool: ServerPool, wait: Seconds): Fraction {
  requireNotNegative({ wait });
  return waitingProbability(pool) * Math.exp(-excessOf(pool) * wait);
}

/** The mean time for which requests wait, those that do not wait included: W = C ÷ (c ÷ S − λ). */
export function meanWait(pool: ServerPool): Seconds {
  return waitingProbability(pool) / excessOf(pool);
}

/** The fewest servers with which no more than `fraction` of the requests wait for longer than `wait`. */
export function fewestServers(
  demand: Omit<ServerPool, 'servers'>,
  { wait, fraction }: { wait: Seconds; fraction: Fraction },
): number {
  if (!(wait >= 0) || !(fraction > 0)) throw new RangeError(`no pool keeps waits over ${wait} s down to ${fraction}`);
  let servers = Math.floor(trafficOf({ ...demand, servers: 1 })) + 1;
  while (waitsLongerProbability({ ...demand, servers }, wait) > fraction) servers++;
  return servers;
}

function trafficOf({ arrivalRate, serviceTime }: ServerPool): number {
  return arrivalRate * serviceTime;
}

/** c ÷ S − λ: what the servers could do beside what they have to. */
function excessOf({ arrivalRate, serviceTime, servers }: ServerPool): PerSecond {
  return servers / serviceTime - arrivalRate;
}

function requireStable(pool: ServerPool): void {
  const { arrivalRate, serviceTime, servers } = pool;
  const possible = arrivalRate > 0 && serviceTime > 0 && Number.isSafeInteger(servers) && servers > 0;
  if (!possible || trafficOf(pool) >= servers || excessOf(pool) <= 0) {
    throw new RangeError(
      `${servers} servers have no steady state with ${arrivalRate} arrivals a second of ${serviceTime} s each`,
    );
  }
}
