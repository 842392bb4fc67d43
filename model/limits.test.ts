import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DECISION_LIMIT, LOOK_EVERY } from '../services/database/health.ts';
import { routes } from './contract/contract.ts';
import { workOfRequest } from './contract/work.ts';
import { limits } from './limits.ts';

/** More seconds than a read takes by itself. */
const READ = 1e-3;

const { database, worker, nginx, pm2, longestRequest } = limits;
const longestWait = Math.max(...routes.wait.parameters.map(({ maximum }) => maximum)) / 1000;

const orders: [string, ...number[]][] = [
  [
    'a wait ends before its deadline, and that before the longest request',
    longestWait,
    longestWait + database.statement,
    longestRequest,
  ],
  ['all that can be asked of one request fits into the longest', mostWork(), longestRequest],
  ['a decision about the database comes in time to connect', DECISION_LIMIT, database.connect],
  ['connecting and a look at its deadline fit into a second', database.connect + LOOK_EVERY, 1],
  ['who waits for a connection is told before nginx gives it up', database.acquire + longestRequest, nginx.read],
  [
    'connecting and the longest request end before a worker stops draining',
    database.connect + longestRequest,
    worker.drain,
  ],
  ['a request that keeps its worker busy costs no other its transaction', longestRequest, database.silence],
  ['a process drains before PM2 kills it', worker.drain, pm2.kill],
  ['the longest request ends before nginx gives it up', longestRequest, nginx.read],
  ['a request to a worker that takes no connection is passed on', nginx.connect, nginx.passOn],
  ['a request that timed out in a worker is not passed on', nginx.passOn, Math.min(nginx.send, nginx.read)],
  ['nginx closes its connections before a worker does', nginx.upstreamKeepAlive, worker.keepAlive],
  ['nginx gives up a slow head before a worker does', nginx.clientHeader, worker.header],
  ['nginx gives up a slow body before a worker does', nginx.clientBody, worker.request],
  ['a head is given up before a whole request', worker.header, worker.request],
  ['limits are looked at more often than they end', worker.check, worker.header],
  ['a worker refuses a large head before nginx does', worker.headerSize, nginx.headerSize],
  ['a worker refuses a large body before nginx does', worker.bodySize, nginx.bodySize],
  ['the quiet time fits into the drain', worker.quiet, worker.drain],
];

for (const [sentence, ...values] of orders) {
  test(sentence, () => {
    for (const [index, value] of values.slice(1).entries())
      assert.ok((values[index] ?? Infinity) <= value, values.join(' <= '));
    assert.notEqual(values[0], values.at(-1));
  });
}

/** Seconds for the route that takes most, everything at its maximum. */
function mostWork(): number {
  const each = Object.values(routes).map(({ name, parameters }) => {
    const largest = Object.fromEntries(parameters.map(({ name, maximum }) => [name, maximum]));
    const { computing, waiting, reads } = workOfRequest({ route: name, parameters: largest });
    return computing + waiting + reads * READ;
  });
  return Math.max(...each);
}
