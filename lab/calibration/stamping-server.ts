/**
 * A program: a server that knows its own delay. It answers each request after a random time, and stamps when the request
 * came and how long it took until its answer was handed over. Its parent asks it for the stamps.
 *
 * It reads the sockets itself: the time of a web framework before its first handler would seem to be the generator's.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Seconds } from '../../model/quantities.ts';
import { seededRandom } from '../search/seeded.ts';
import type { Stamps } from './instrument.ts';

/** Log-normal: most delays between 3 and 30 ms, as those of services are. */
const MEDIAN: Seconds = 0.008;
const SPREAD = 0.6;

const END_OF_REQUEST = '\r\n\r\n';
const ANSWER = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}',
);

const random = seededRandom(Number(process.env.SEED));
let stamps = nothing();
let turnedAt: number | undefined;

const server = createServer({ noDelay: true }, socket => {
  let unfinished = '';
  socket.setEncoding('latin1').on('data', (text: string) => {
    const received = turnedToSockets();
    const parts = (unfinished + text).split(END_OF_REQUEST);
    unfinished = parts.pop() ?? '';
    for (const _request of parts) answerLater(socket, received);
  });
  socket.on('error', () => socket.destroy());
});
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));

process.on('message', () => {
  process.send?.(stamps);
  stamps = nothing();
});
// The parent is gone.
process.on('disconnect', () => process.exit());

/** When the event loop last turned to its sockets: all that it reads in this turn was there by then. */
function turnedToSockets(): number {
  if (turnedAt === undefined) {
    turnedAt = performance.now();
    setImmediate(() => {
      turnedAt = undefined;
    });
  }
  return turnedAt;
}

function answerLater(socket: Socket, received: number): void {
  setTimeout(() => {
    socket.write(ANSWER);
    stamps.received.push((performance.timeOrigin + received) / 1000);
    stamps.delay.push((performance.now() - received) / 1000);
  }, drawnDelay() * 1000);
}

/** The logarithm of a delay is normal (Box and Muller). */
function drawnDelay(): Seconds {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return MEDIAN * Math.exp(SPREAD * normal);
}

function nothing(): { [part in keyof Stamps]: Seconds[] } {
  return { received: [], delay: [] };
}
