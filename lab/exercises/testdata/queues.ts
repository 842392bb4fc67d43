import { Random } from '../../simulation/random.ts';

/** Simulates a pool that always holds the same number of customers, served in the order of their arrival. */
export function closedPool(
  { servers, customers, service }: { servers: number; customers: number; service: (random: Random) => number },
  turns: number,
): { responseTime: number; throughput: number } {
  const random = new Random(1);
  const free = Array.from({ length: servers }, () => 0);
  const leaving: number[] = [];
  let [inside, last] = [0, 0];
  for (let turn = 0; turn < turns; turn++) {
    const first = free.indexOf(Math.min(...free));
    // A new customer enters when another one leaves.
    const enter = turn < customers ? 0 : (leaving.sort((a, b) => a - b).shift() ?? 0);
    const end = Math.max(free[first] ?? 0, enter) + service(random);
    free[first] = end;
    leaving.push(end);
    if (turn >= customers) inside += end - enter;
    last = Math.max(last, end);
  }
  return { responseTime: inside / (turns - customers), throughput: turns / last };
}

/** The mean wait before one server, request after request (D. V. Lindley, 1952): W' = max(0, W + S − A). */
export function simulatedWait(
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
