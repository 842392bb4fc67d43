/**
 * A smoke test: asks every example of the service's contract once, one after the other, and compares the answers. Ends
 * with exit code 110 when an answer breaks the contract, and names the examples.
 */
import exec from 'k6/execution';
import http from 'k6/http';
import { type ContractCase, contractCases, listViolations } from '../model/contract/contract-cases.ts';
import { readTarget } from './lib/settings.ts';

const target = readTarget(__ENV);

export const options = { vus: 1, iterations: 1, systemTags: [], throw: true };

export default function smoke(): void {
  const broken = contractCases.map(ask).filter(line => line !== undefined);
  const holding = contractCases.length - broken.length;
  console.log([`contract of ${target}: ${holding} of ${contractCases.length} examples hold`, ...broken].join('\n'));
  if (broken.length > 0) exec.test.fail(`${broken.length} examples do not hold`);
}

/** What is wrong with the answer, in lines; nothing when it is as it should be. */
function ask(example: ContractCase): string | undefined {
  const { name, method, path, headers = {}, body } = example;
  const line = `  ${name} (${method} ${path})`;
  try {
    const response = http.request(method, target + path, body ?? null, { headers: { ...headers }, redirects: 0 });
    const seen = {
      status: response.status,
      headers: Object.fromEntries(
        Object.entries(response.headers).map(([header, value]) => [header.toLowerCase(), value]),
      ),
      body: typeof response.body === 'string' ? response.body : '',
    };
    const violations = listViolations(example, seen);
    return violations.length === 0 ? undefined : `${line}: ${violations.join('; ')}`;
  } catch (error) {
    return `${line}: no answer (${error})`;
  }
}
