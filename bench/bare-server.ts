/**
 * The least that answers `/items/:id` as the contract has it, in bytes and headers: Node's own server and pg, no
 * framework, no deadlines, no counters. In node:cluster by itself, or in that of whoever starts it there (PM2).
 */
import cluster from 'node:cluster';
import { createServer, type ServerResponse } from 'node:http';
import { Pool } from 'pg';

const { PORT, PROCESSES, DATABASE_URL, DATABASE_CONNECTIONS } = process.env;
/** Longer than nginx keeps its side. */
const KEEP_ALIVE_MS = 75_000;

if (cluster.isPrimary) for (let process = 0; process < Number(PROCESSES); process++) cluster.fork();
else serve();

function serve(): void {
  const max = Number(DATABASE_CONNECTIONS) / Number(PROCESSES);
  const pool = new Pool({ connectionString: DATABASE_URL, max, idleTimeoutMillis: 0 });
  const name = 'read-item';
  const text = 'SELECT id, name, price, stock FROM items WHERE id = $1';
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, async ({ method, url = '' }, response) => {
    const start = performance.now();
    const id = Number(/^\/items\/([1-9]\d{0,4})$/.exec(url)?.[1]);
    if (method !== 'GET' || !(id <= 10_000)) return answer(response, 404, '{}', start, start);
    try {
      const { rows } = await pool.query({ name, text, values: [id] });
      const read = performance.now();
      if (rows.length === 0) answer(response, 404, '{}', start, read);
      else answer(response, 200, JSON.stringify(rows[0]), start, read);
    } catch {
      answer(response, 503, '{}', start, performance.now());
    }
  });
  server.listen(Number(PORT), '127.0.0.1');
}

function answer(response: ServerResponse, status: number, body: string, start: number, read: number): void {
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-worker': 'bare',
    'server-timing': `db;dur=${(read - start).toFixed(3)}, app;dur=${(performance.now() - start).toFixed(3)}`,
  });
  response.end(body);
}
