import { request } from 'undici';
import { routes } from '../../model/contract/contract.ts';
import {
  type ContractCase,
  contractCases,
  listViolations,
  type SeenAnswer,
} from '../../model/contract/contract-cases.ts';
import { LoadlineError } from '../../model/errors.ts';
import type { Cell, WorkloadRequest } from '../../model/experiment.ts';
import { rounded, type Seconds } from '../../model/quantities.ts';
import type { Endpoint } from './runtime.ts';

/** Headers that may differ from one answer to the next. */
const OWN_HEADERS = ['date', 'x-worker', 'server-timing'];

/**
 * Sends every example of the contract to every deployment, through nginx. Returns a sentence for each answer that breaks
 * the contract, or differs from another deployment's in body, headers or encoding.
 */
export async function checkContract(endpoints: readonly Endpoint[], signal: AbortSignal): Promise<string[]> {
  const violations: string[] = [];
  for (const contractCase of contractCases) {
    const answers = await Promise.all(endpoints.map(endpoint => ask(endpoint, contractCase, signal)));
    const [first] = answers;
    for (const [index, answer] of answers.entries()) {
      const at = `${endpoints[index]?.deployment.topology}: ${contractCase.name}`;
      const own = listViolations(contractCase, answer);
      violations.push(...own.map(violation => `${at}: ${violation}`));
      if (first && own.length === 0 && comparable(answer) !== comparable(first)) {
        const other = `${endpoints[0]?.deployment.topology} ${comparable(first)}`;
        violations.push(`${at}: it answers ${comparable(answer)}, ${other}`);
      }
    }
  }
  return violations;
}

async function ask(
  { url }: Endpoint,
  { method, path, headers = {}, body }: ContractCase,
  signal: AbortSignal,
): Promise<SeenAnswer> {
  const answer = await request(`${url}${path}`, { method, headers, body: body ?? null, signal });
  const seen = { status: answer.statusCode, headers: answer.headers as SeenAnswer['headers'] };
  return { ...seen, body: await answer.body.text() };
}

/** An answer without what may differ: each order has a number of its own. */
function comparable({ status, headers, body }: SeenAnswer): string {
  const own = status === 201 ? [...OWN_HEADERS, 'content-length'] : OWN_HEADERS;
  const shared = Object.entries(headers).filter(([name]) => !own.includes(name));
  return JSON.stringify([status, shared, status === 201 ? body.replace(/"id":\d+/, '"id":0') : body]);
}

const UNITS = 200;
const WARM_UP_REQUESTS = 10;
const REQUESTS = 15;

/** Seconds that a unit of the service's CPU work takes on an idle worker: the median, as the worker itself times it. */
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

/** Turns each `cpuSeconds` of a cell into units of CPU work; without a number, as in a simulation, cells stay as they are. */
export function cellInUnits(secondsPerUnit: unknown): (cell: Cell) => Cell {
  if (typeof secondsPerUnit !== 'number') return cell => cell;
  return ({ deployment, workload }) => ({
    deployment,
    workload: { ...workload, requests: workload.requests.map(one => requestInUnits(one, secondsPerUnit)) },
  });
}

function requestInUnits(one: WorkloadRequest, secondsPerUnit: Seconds): WorkloadRequest {
  const { cpuSeconds, ...parameters } = one.parameters;
  if (cpuSeconds === undefined) return one;
  const limit = routes[one.route].parameters.find(({ name }) => name === 'units')?.maximum ?? 0;
  const units = cpuSeconds === 0 ? 0 : Math.max(1, Math.round(cpuSeconds / secondsPerUnit));
  if (units > limit) {
    throw new LoadlineError(
      'experiment-invalid',
      `A request for ${one.route} asks for ${cpuSeconds} s of CPU, which is ${units} units on this machine; ` +
        `the limit is ${limit} units, ${rounded(limit * secondsPerUnit)} s.`,
    );
  }
  return { ...one, parameters: { ...parameters, units } };
}
