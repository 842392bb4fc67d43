import { routes } from '../../../services/contract.ts';
import type { TopologyName } from '../../../services/topologies.ts';
import type { Loads } from './loads.ts';
import { cpuOf } from './workloads.ts';

/** What the quick look asks for: some forty milliseconds, so that nothing else in a request counts, not even compiling it. */
const LOOK_UNITS = 600;

/**
 * How many units take about so many seconds of computing here: a quick look at one request for each of a topology's
 * workers. The fastest counts, since other programs can only make one slower.
 */
export async function unitsFor(
  seconds: number,
  loads: Loads,
  topology: TopologyName,
  workers: number,
): Promise<number> {
  const { responseTimes } = await loads.burst({ topology, workload: cpuOf(LOOK_UNITS), requests: workers });
  const [fastest = Number.POSITIVE_INFINITY] = responseTimes;
  const most = routes.cpu.parameters.find(({ name }) => name === 'units')?.maximum ?? 1;
  return Math.min(most, Math.max(1, Math.round((seconds * LOOK_UNITS) / fastest)));
}
