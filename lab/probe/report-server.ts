import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { Orders, SourceReport } from '../../model/wire.ts';

/** An address on this machine where k6's sources report, and get their orders. */
interface ReportServer {
  /** `http://127.0.0.1:21000/` */
  readonly address: string;
  close(): Promise<void>;
}

/** Gives the orders for a source that reports; `undefined`: it cannot be told any. */
type TakeReport = (report: SourceReport) => Orders | undefined | Promise<Orders | undefined>;

/** Opens a free port of the loopback address for reports. */
export async function serveReports(take: TakeReport): Promise<ReportServer> {
  const server = createServer(async (request, response) => {
    try {
      const orders = await take((await json(request)) as SourceReport);
      if (orders === undefined) response.writeHead(500).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(orders));
    } catch {
      // A source may be ended in the middle of its report.
      response.writeHead(400).end();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
