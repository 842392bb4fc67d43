import { request } from 'undici';
import { routes } from '../../model/contract/contract.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, WorkloadRequest } from '../../model/experiment.ts';
import { rounded, type Seconds } from '../../model/quantities.ts';

const UNITS = 200;
const WARM_UP_REQUESTS = 10;
const REQUESTS = 15;

/** Seconds that one unit of the service's CPU work takes on an idle worker here: the median, as the worker itself times it. */
export async function measureCpuUnit(url: string, signal: AbortSignal): Promise<Seconds> {
  const durations: Seconds[] = [];
  for (let index = 0; index < WARM_UP_REQUESTS + REQUESTS; index++) {
    const { headers, body } = await request(`${url}/cpu?units=${UNITS}`, { signal });
    await body.dump();
    const milliseconds = /app;dur=([\d.]+)/.exec(String(headers['server-timing']))?.[1];
    if (index >= WARM_UP_REQUESTS) durations.push(Number(milliseconds) / 1000);
  }
  durations.sort((a, b) => a - b);
  return (durations[Math.floor(REQUESTS / 2)] ?? Number.NaN) / UNITS;
}

/**
 * Cells as the service is asked: every `cpuSeconds` in units of CPU work, at `secondsPerUnit` each. Where that is no
 * number there is no service to ask, and a cell stays as it is.
 */
export function cellInUnits(secondsPerUnit: unknown): (cell: Cell) => Cell {
  if (typeof secondsPerUnit !== 'number') return cell => cell;
  return ({ deployment, workload }) => ({
    deployment,
    workload: { ...workload, requests: workload.requests.map(one => inUnits(one, secondsPerUnit)) },
  });
}

function inUnits(one: WorkloadRequest, secondsPerUnit: Seconds): WorkloadRequest {
  const { cpuSeconds, ...parameters } = one.parameters;
  if (cpuSeconds === undefined) return one;
  const limit = routes[one.route].parameters.find(({ name }) => name === 'units')?.maximum ?? 0;
  const units = cpuSeconds === 0 ? 0 : Math.max(1, Math.round(cpuSeconds / secondsPerUnit));
  if (units > limit) {
    throw new LoadlineError(
      'experiment-invalid',
      `A request for ${one.route} asks for ${cpuSeconds} s of CPU, which is ${units} units on this machine; ` +
        `${limit} are allowed, which is ${rounded(limit * secondsPerUnit)} s: ask for that at most.`,
    );
  }
  return { ...one, parameters: { ...parameters, units } };
}
