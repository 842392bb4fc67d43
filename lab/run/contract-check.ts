import { request } from 'undici';
import {
  type ContractCase,
  contractCases,
  type SeenAnswer,
  violationsOf,
} from '../../model/contract/contract-cases.ts';
import type { Endpoint } from './runtime.ts';

/** Headers that may differ from one answer to the next. */
const OWN_HEADERS = ['date', 'x-worker', 'server-timing'];

/**
 * Asks every deployment everything that the contract has an example for, through nginx. What is wrong, a sentence
 * each: an answer that is not the contract's, or that differs from another deployment's in body, headers or encoding.
 */
export async function checkContract(endpoints: readonly Endpoint[], signal: AbortSignal): Promise<string[]> {
  const violations: string[] = [];
  for (const contractCase of contractCases) {
    const answers = await Promise.all(endpoints.map(endpoint => ask(endpoint, contractCase, signal)));
    const [first] = answers;
    for (const [index, answer] of answers.entries()) {
      const topology = endpoints[index]?.deployment.topology;
      const own = violationsOf(contractCase, answer);
      violations.push(...own.map(violation => `${topology}: ${contractCase.name}: ${violation}`));
      if (first && own.length === 0 && comparable(answer) !== comparable(first)) {
        violations.push(
          `${topology}: ${contractCase.name}: it answers ${comparable(answer)}, ` +
            `${endpoints[0]?.deployment.topology} ${comparable(first)}`,
        );
      }
    }
  }
  return violations;
}

async function ask({ url }: Endpoint, { method, path, headers, body }: ContractCase, signal: AbortSignal) {
  const answer = await request(`${url}${path}`, { method, headers: headers ?? {}, body: body ?? null, signal });
  return {
    status: answer.statusCode,
    headers: answer.headers as SeenAnswer['headers'],
    body: await answer.body.text(),
  };
}

/** An answer without what may differ: two orders have numbers of their own. */
function comparable({ status, headers, body }: SeenAnswer): string {
  const own = status === 201 ? [...OWN_HEADERS, 'content-length'] : OWN_HEADERS;
  const shared = Object.entries(headers).filter(([name]) => !own.includes(name));
  return JSON.stringify([status, shared, status === 201 ? body.replace(/"id":\d+/, '"id":0') : body]);
}
