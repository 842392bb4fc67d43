/**
 * The lab's hands among containers that it cannot reach: a program that Node runs in nginx's network namespace. It
 * passes on what k6's sources report, asks control threads, and reads the machine's CPU time. It talks with the lab in
 * lines of JSON on stdin and stdout, and ends when the lab does. Its text is handed over with the command, so that the
 * image holds nothing of the lab: it imports nothing but Node.
 */
import { readFileSync } from 'node:fs';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { json, text } from 'node:stream/consumers';

/** What the lab says. */
export type ToAgent =
  | { readonly id: number; readonly addresses: readonly string[] }
  /** The answer to a report; none when the lab cannot take it. */
  | { readonly report: number; readonly orders?: unknown };

/** What the agent says. */
export type FromAgent =
  /** At the beginning: where it takes reports. */
  | { readonly port: number }
  /** What the addresses answered, and the machine's `/proc/stat` after that. */
  | { readonly id: number; readonly answers: readonly string[]; readonly stat: string }
  | { readonly id: number; readonly failure: string }
  | { readonly report: number; readonly body: unknown };

const ANSWER_LIMIT_MS = 2000;
const waiting = new Map<number, (orders: unknown) => void>();
let reports = 0;

const server = createServer((request, response) => {
  json(request)
    .then(ordersFor)
    .then(
      orders => {
        if (orders === undefined) response.writeHead(500).end();
        else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(orders));
      },
      // A source may be ended in the middle of its report.
      () => response.writeHead(400).end(),
    );
});
server.listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));

createInterface({ input: process.stdin })
  .on('line', line => hear(JSON.parse(line)))
  .on('close', () => process.exit());

function hear(message: ToAgent): void {
  if ('report' in message) {
    waiting.get(message.report)?.(message.orders);
    waiting.delete(message.report);
    return;
  }
  const { id, addresses } = message;
  Promise.all(addresses.map(ask)).then(
    // The CPU time is read last: asking takes some of it, and is over by then.
    answers => say({ id, answers, stat: readFileSync('/proc/stat', 'utf8') }),
    (error: Error) => say({ id, failure: error.message }),
  );
}

/** What the lab answers to a report. */
function ordersFor(body: unknown): Promise<unknown> {
  const report = ++reports;
  say({ report, body });
  return new Promise(resolve => waiting.set(report, resolve));
}

async function ask(address: string): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(address, { agent: false, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) }, resolve).on('error', reason =>
      reject(new Error(`${address} does not answer: ${reason.message}`)),
    );
  });
  return text(response);
}

function say(message: FromAgent): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
