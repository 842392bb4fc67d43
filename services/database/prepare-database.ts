import { readFileSync } from 'node:fs';
import { Client } from 'pg';

/** Any number that nothing else in this database locks. */
const LOCK = 7_203_119;

/** Creates the tables and seeds the items of the database at `url`; safe to run again, and by two at once. */
export async function prepareDatabase(url: string): Promise<void> {
  const schema = readFileSync(new URL('schema.sql', import.meta.url), 'utf8');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 30_000 });
  // What breaks the connection also rejects the query that is in flight.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SET client_min_messages = warning');
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const { rowCount } = await client.query("SELECT 1 FROM pg_class WHERE oid = to_regclass('items')");
    await client.query(schema);
    await client.query('COMMIT');
    // Fresh tables are tidied at once: autovacuum would do it later, in the middle of a measurement.
    if (rowCount === 0) await client.query('VACUUM (ANALYZE) items');
  } finally {
    await client.end();
  }
}
