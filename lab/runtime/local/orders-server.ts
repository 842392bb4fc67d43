import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import type { SourceReport } from '../../../model/wire.ts';
import type { OrdersDesk } from '../../trial/orders-desk.ts';

/** An address on this machine that hands what is posted to it to a desk. */
export interface OrdersServer {
  /** `http://127.0.0.1:21000/` */
  readonly address: string;
  close(): Promise<void>;
}

/** Opens a desk's address on a free port of the loopback address. */
export async function serveOrders(desk: OrdersDesk): Promise<OrdersServer> {
  const server = createServer((request, response) => {
    json(request)
      .then(report => desk.take(report as SourceReport))
      .then(
        orders => response.setHeader('content-type', 'application/json').end(JSON.stringify(orders)),
        () => response.writeHead(500).end(),
      );
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
