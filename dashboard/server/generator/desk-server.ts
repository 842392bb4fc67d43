import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { GeneratorDesk } from './generator-desk.ts';
import { liveReportIn } from './live-report.ts';

/** Bytes. */
const LONGEST_REPORT = 1_000_000;
const REPORT_LIMIT_MS = 5000;
const KEEP_ALIVE_MS = 30_000;

/** The desk's address, while it is open. */
export interface OpenDesk {
  readonly port: number;
  close(): Promise<void>;
}

interface Refused {
  readonly status: 400 | 403 | 405 | 413 | 415;
  readonly detail: string;
}

/** Opens a port (0: any that is free) on which the generator, and no browser, posts its reports and gets its orders. */
export async function openDesk(desk: GeneratorDesk, at: { host: string; port: number }): Promise<OpenDesk> {
  const server = createServer(
    { headersTimeout: REPORT_LIMIT_MS, requestTimeout: REPORT_LIMIT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
    (request, response) => {
      const refused = refusalOf(request);
      if (refused) refuse(response, refused);
      else take(request, response, desk);
    },
  );
  server.listen(at.port, at.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function refusalOf({ method, headers }: IncomingMessage): Refused | undefined {
  if (headers.origin !== undefined || headers['sec-fetch-site'] !== undefined) {
    return { status: 403, detail: 'Browsers have no business here: this address is for k6 alone.' };
  }
  if (method !== 'POST') return { status: 405, detail: 'A report is posted.' };
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    return { status: 415, detail: 'A report is application/json.' };
  }
  return undefined;
}

function take(request: IncomingMessage, response: ServerResponse, desk: GeneratorDesk): void {
  const chunks: Buffer[] = [];
  let size = 0;
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= LONGEST_REPORT) chunks.push(chunk);
    else if (!response.headersSent) {
      refuse(response, { status: 413, detail: `A report has at most ${LONGEST_REPORT} bytes.` });
    }
  });
  // The generator may be ended in the middle of its report.
  request.on('error', () => response.destroy());
  request.on('end', () => {
    if (response.headersSent) return;
    const report = liveReportIn(Buffer.concat(chunks).toString());
    if (typeof report === 'string') refuse(response, { status: 400, detail: report });
    else send(response, 200, 'application/json', desk.answer(report));
  });
}

/** Closes the connection: what else is on its way is not worth reading. */
function refuse(response: ServerResponse, { status, detail }: Refused): void {
  response.setHeader('connection', 'close');
  if (status === 405) response.setHeader('allow', 'POST');
  send(response, status, 'application/problem+json', { status, detail });
}

function send(response: ServerResponse, status: number, mediaType: string, content: object): void {
  const body = JSON.stringify(content);
  response.writeHead(status, { 'content-type': mediaType, 'content-length': Buffer.byteLength(body) }).end(body);
}
