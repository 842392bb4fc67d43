import { Random } from '../../simulation/random.ts';

/** When each of a burst ends: whoever is first takes the first server that is free. */
export function endsOfBurst(services: readonly number[], servers: number): number[] {
  const free = Array.from({ length: servers }, () => 0);
  return services.map(service => {
    const first = free.indexOf(Math.min(...free));
    free[first] = (free[first] ?? 0) + service;
    return free[first] ?? Number.NaN;
  });
}

/** A pool that always holds so many customers, one for each that leaves: mean time inside, and how many leave a second. */
export function closedPool(
  { servers, customers, service }: { servers: number; customers: number; service: (random: Random) => number },
  turns: number,
): { responseTime: number; throughput: number } {
  const random = new Random(1);
  const free = Array.from({ length: servers }, () => 0);
  const entered = Array.from({ length: customers }, () => 0);
  let inside = 0;
  let last = 0;
  // Of those inside the one that entered first is served next; a new one enters as another leaves.
  const leaving: number[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const first = free.indexOf(Math.min(...free));
    const enter = turn < customers ? (entered[turn] ?? 0) : (leaving.sort((a, b) => a - b).shift() ?? 0);
    const end = Math.max(free[first] ?? 0, enter) + service(random);
    free[first] = end;
    leaving.push(end);
    if (turn >= customers) inside += end - enter;
    last = Math.max(last, end);
  }
  return { responseTime: inside / (turns - customers), throughput: turns / last };
}

/** The mean wait before one server, request after request (D. V. Lindley, 1952): W' = max(0, W + S − A). */
export function meanWaitOf(
  gap: (random: Random) => number,
  service: (random: Random) => number,
  requests: number,
): number {
  const random = new Random(7);
  let [wait, sum] = [0, 0];
  for (let request = 0; request < requests; request++) {
    wait = Math.max(0, wait + service(random) - gap(random));
    sum += wait;
  }
  return sum / requests;
}

/**
 * M/M/c: the part of the arrivals that waits for longer than `time`, state by state. With n ≥ c inside an arrival waits
 * for n − c + 1 departures, which come at the rate c ÷ S, so it waits longer if there are no more than n − c in that time.
 */
export function longerWaits(
  { arrivalRate, serviceTime, servers }: { arrivalRate: number; serviceTime: number; servers: number },
  time: number,
): number {
  const weights = [1];
  for (let n = 1; n < 2000; n++) {
    weights.push(((weights[n - 1] ?? 0) * arrivalRate * serviceTime) / Math.min(n, servers));
  }
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const departures = (servers / serviceTime) * time;
  let [few, term, longer] = [0, Math.exp(-departures), 0];
  for (let n = servers; n < weights.length; n++) {
    few += term;
    longer += ((weights[n] ?? 0) / all) * Math.min(1, few);
    term *= departures / (n - servers + 1);
  }
  return longer;
}
