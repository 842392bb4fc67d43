import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { hiddenObserver, none } from './testdata/nothing-read.ts';
import { hasSettled, warmUp } from './warm-up.ts';

const cases: [name: string, perRequest: number[], settled: boolean][] = [
  ['no batch', [], false],
  ['one batch', [0.002], false],
  ['a batch that took much less than the one before', [0.002, 0.001], false],
  ['a batch that took nearly as much as the one before', [0.002, 0.001, 0.00095], true],
  ['a batch that took more, by noise', [0.002, 0.0021], true],
];
for (const [name, perRequest, settled] of cases) {
  test(`CPU per request has${settled ? '' : ' not'} settled after ${name}`, () => {
    assert.equal(hasSettled(perRequest), settled);
  });
}

test('a hidden deployment is warmed up by its workload alone, until CPU per request settles', async context => {
  const paths = new Set<string | undefined>();
  let answered = 0;
  const server = createServer(({ url }, response) => {
    paths.add(url);
    answered++;
    response.end();
  });
  context.after(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  // A millisecond for each request.
  const observer = hiddenObserver(async () => ({ cpu: { ...none, workers: answered / 1000 } }));
  const target = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const requests = [{ weight: 1, method: 'GET', path: '/mine' }] as const;
  const perRequest = await warmUp(target, requests, observer, { signal: context.signal, hidden: true });
  assert.deepEqual([...paths], ['/mine']);
  assert.equal(perRequest.length, 2);
  for (const seconds of perRequest) assert.ok(Math.abs(seconds - 0.001) < 1e-6, `${seconds} s`);
});
