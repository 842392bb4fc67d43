/**
 * What a query costs with each driver: CPU time of this process for a one-row read, prepared once, with one query at a
 * time on each connection. `node bench/drivers.ts DATABASE-URL [QUERIES]`
 */
import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import { Client } from 'pg';
import postgres from 'postgres';
import { seededRandom, shuffled } from '../lab/search/seeded.ts';
import { geometricInterval } from '../model/statistics.ts';
import { Counters } from '../services/counters.ts';
import { openBlockingDatabase } from '../services/database/blocking.ts';
import { DatabaseHealth, watchDatabase } from '../services/database/health.ts';
import { openNonBlockingDatabase } from '../services/database/non-blocking.ts';
import { prepareDatabase } from '../services/database/prepare-database.ts';
import { readItem } from '../services/database/queries.ts';
import { ratioByBlock, shownCells } from './stack-load.ts';

/** Connections that a non-blocking driver keeps busy at the same time. */
const CONNECTIONS = 20;
const BLOCKS = 24;
const SEED = 7;
const TEXT = 'SELECT id, name, price, stock FROM items WHERE id = $1';

interface Subject {
  readonly name: string;
  /** Queries in flight, each on a connection of its own. */
  readonly inFlight: number;
  readonly read: (id: string) => unknown;
  readonly close: () => unknown;
}

const [url, queries = '1500'] = process.argv.slice(2);
if (url === undefined) {
  process.stderr.write('bench/drivers.ts needs the address of a database: postgres://user@127.0.0.1:5432/postgres\n');
  process.exit(2);
}
await prepareDatabase(url);
const stop = new AbortController();
const health = new DatabaseHealth(new SharedArrayBuffer(DatabaseHealth.BYTES));
void watchDatabase(health, url, stop.signal);
await health.awaitDecision();

const subjects = [
  await pgDriver(url, 1),
  postgresJs(url, 1),
  libpqDriver(url),
  await pgDriver(url, CONNECTIONS),
  postgresJs(url, CONNECTIONS),
  ownPool(url, CONNECTIONS),
];
const costs = new Map(subjects.map(({ name }) => [name, [] as number[]]));
const random = seededRandom(SEED);
for (const subject of subjects) await cost(subject, Number(queries));
for (let block = 0; block < BLOCKS; block++) {
  for (const subject of shuffled(subjects, random)) {
    costs.get(subject.name)?.push(await cost(subject, Number(queries)));
  }
}
for (const { close } of subjects) await close();
stop.abort();
report();

/** CPU time of this process for one query, in seconds, user and system. */
async function cost({ inFlight, read }: Subject, queries: number): Promise<number> {
  let next = 0;
  const one = async () => {
    while (next < queries) await read(String(1 + (next++ % 10_000)));
  };
  const before = process.cpuUsage();
  await Promise.all(Array.from({ length: inFlight }, one));
  const { user, system } = process.cpuUsage(before);
  await delay(10);
  return (user + system) / 1e6 / queries;
}

async function pgDriver(url: string, connections: number): Promise<Subject> {
  const types = { getTypeParser: () => (value: string) => value };
  const clients = Array.from({ length: connections }, () => new Client({ connectionString: url }));
  for (const client of clients) await client.connect();
  const free = [...clients];
  return {
    name: `pg, ${countInFlight(connections)}`,
    inFlight: connections,
    read: async id => {
      const client = free.pop();
      if (client === undefined) throw new Error('no client is free');
      const { rows } = await client.query({ name: 'read-item', text: TEXT, values: [id], types });
      free.push(client);
      return rows;
    },
    close: () => Promise.all(clients.map(client => client.end())),
  };
}

function postgresJs(url: string, connections: number): Subject {
  const asText = { to: 25, from: [20, 21, 23, 25], serialize: String, parse: (value: string) => value };
  // Its `max_pipeline: 1` allows a second query behind the one that is in flight; 0 allows none.
  const unpipelined: object = { max_pipeline: 0 };
  const sql = postgres(url, { max: connections, fetch_types: false, types: { asText }, ...unpipelined });
  return {
    name: `postgres.js, ${countInFlight(connections)}`,
    inFlight: connections,
    read: id => sql.unsafe(TEXT, [id], { prepare: true }),
    close: () => sql.end(),
  };
}

function libpqDriver(url: string): Subject {
  const database = openBlockingDatabase({ url, health, counters: countersFor(1) });
  return {
    name: 'libpq, blocking, 1 in flight',
    inFlight: 1,
    read: id => database.run(readItem(Number(id)), { database: 0 }),
    close: () => database.close(),
  };
}

function ownPool(url: string, connections: number): Subject {
  const database = openNonBlockingDatabase({ url, health, counters: countersFor(connections) });
  return {
    name: `pg in Loadline's pool, ${countInFlight(connections)}`,
    inFlight: connections,
    read: id => database.run(readItem(Number(id)), { database: 0 }),
    close: () => database.close(),
  };
}

function countersFor(connections: number): Counters {
  const counters = new Counters(new SharedArrayBuffer(Counters.BYTES));
  counters.set('databaseConnections', connections);
  return counters;
}

function countInFlight(connections: number): string {
  return `${connections} in flight`;
}

function report(): void {
  const table = new Table({
    head: ['driver', 'CPU per query (µs)', '95 %', '÷ pg with as many in flight', '95 %'],
    style: { head: [], border: [] },
  });
  for (const { name, inFlight } of subjects) {
    const own = costs.get(name) ?? [];
    const base = costs.get(`pg, ${countInFlight(inFlight)}`) ?? [];
    const micros = geometricInterval(own.map(seconds => seconds * 1e6));
    const ratio = ratioByBlock(own, base);
    table.push([name, ...shownCells(micros, 1), ...(own === base ? ['1', ''] : shownCells(ratio, 2))]);
  }
  process.stdout.write(`${BLOCKS} blocks of ${queries} queries for each driver, in shuffled order (seed ${SEED}), `);
  process.stdout.write(`Node ${process.version}\n${table.toString()}\n`);
}
