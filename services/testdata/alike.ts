import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Dispatcher, request } from 'undici';
import type { OddRequest } from './malformed.ts';
import { comparable } from './raw-request.ts';

/** So many times so many at once, the same for the same seed. */
export interface Rounds {
  readonly rounds: number;
  readonly atOnce: number;
  readonly seed: number;
}

/** Asks everybody the same odd things, at the same time: all answer alike, and with no mistake of their own. */
export async function assertAlike<One, Asked>(
  everybody: readonly One[],
  odd: fc.Arbitrary<Asked>,
  { rounds, atOnce, seed }: Rounds,
  ask: (one: One, asked: Asked) => Promise<string>,
): Promise<void> {
  const property = fc.asyncProperty(fc.array(odd, { minLength: atOnce, maxLength: atOnce }), async round => {
    await Promise.all(
      round.map(async asked => {
        const answers = await Promise.all(everybody.map(one => ask(one, asked)));
        const [first = '', ...others] = answers.map(withoutIds);
        for (const other of others) assert.equal(other, first);
        assert.doesNotMatch(first, /^HTTP\/1\.1 5(?!03)/m);
      }),
    );
  });
  await fc.assert(property, { numRuns: rounds, seed, endOnFailure: true });
}

/** The whole answer to a request, as text. */
export async function send(url: string, odd: OddRequest, dispatcher: Dispatcher): Promise<string> {
  const { method, path, headers, body } = odd;
  const takesBody = method !== 'GET' && method !== 'HEAD';
  const answer = await request(new URL(url), {
    path,
    method,
    headers,
    body: takesBody ? body : null,
    dispatcher,
  } as Parameters<typeof request>[1] & object);
  const lines = Object.entries(answer.headers).map(([key, value]) => `${key}: ${value}\r\n`);
  return `HTTP/1.1 ${answer.statusCode}\r\n${lines.join('')}\r\n${await answer.body.text()}`;
}

/** Each app stores an order of its own. */
function withoutIds(answer: string): string {
  const bare = comparable(answer);
  return / 201\b/.test(bare) ? bare.replaceAll(/^content-length: .*\r\n/gim, '').replaceAll(/"id":\d+/g, '') : bare;
}
