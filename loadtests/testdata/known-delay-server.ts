/** A server of known delay: answers after `DELAY_MS`, at most `SLOTS` requests at a time. Prints its port. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const delayMs = Number(process.env.DELAY_MS ?? 0);
let free = Number(process.env.SLOTS ?? Number.POSITIVE_INFINITY);
const waiting: ServerResponse[] = [];

function serve(response: ServerResponse): void {
  free--;
  const answer = () => {
    free++;
    response.end('{"ok":true}');
    const next = waiting.shift();
    if (next !== undefined) serve(next);
  };
  if (delayMs === 0) answer();
  else setTimeout(answer, delayMs);
}

const server = createServer((request, response) => {
  request.resume();
  if (free > 0) serve(response);
  else waiting.push(response);
});
server.keepAliveTimeout = 75_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
