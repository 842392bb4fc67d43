import { readFileSync } from 'node:fs';
import { Client, DatabaseError } from 'pg';

/** Any number that nothing else in this database locks. */
const LOCK = 7_203_119;

/** Postgres's code for a database that allows no connections. */
const CLOSED = '55000';

/**
 * Creates the tables and the items of the database at `url`, and these roles with the password of the URL, where they
 * are missing; safe to run again, and by two at once.
 */
export async function prepareDatabase(url: string, roles: readonly string[] = []): Promise<void> {
  const schema = readFileSync(new URL('schema.sql', import.meta.url), 'utf8');
  const client = await connect(url).catch(async (error: unknown) => {
    if (!(error instanceof DatabaseError) || error.code !== CLOSED) throw error;
    await reopen(url);
    return connect(url);
  });
  try {
    await client.query('SET client_min_messages = warning');
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [LOCK]);
    const { rowCount } = await client.query("SELECT 1 FROM pg_class WHERE oid = to_regclass('items')");
    await client.query(schema);
    for (const role of roles) await prepareRole(client, role, decodeURIComponent(new URL(url).password));
    await client.query('COMMIT');
    // Fresh tables are tidied at once: autovacuum would do it later, in the middle of a measurement.
    if (rowCount === 0) await client.query('VACUUM (ANALYZE) items');
  } finally {
    await client.end();
  }
}

/** Creates the role if it is missing, and lets it do what the service does. */
async function prepareRole(client: Client, role: string, password: string): Promise<void> {
  const name = client.escapeIdentifier(role);
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
  if (rowCount === 0) await client.query(`CREATE ROLE ${name} LOGIN PASSWORD ${client.escapeLiteral(password)}`);
  await client.query(`GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA public TO ${name}`);
}

/** Lets people connect again: the database was taken away, and Postgres ended before it was given back. */
async function reopen(url: string): Promise<void> {
  const maintenance = new URL(url);
  maintenance.pathname = '/template1';
  const client = await connect(maintenance.href);
  try {
    const name = client.escapeIdentifier(decodeURIComponent(new URL(url).pathname.slice(1)));
    await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
  } finally {
    await client.end();
  }
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 30_000 });
  // What breaks the connection also rejects the query that is in flight.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end();
    throw error;
  }
}
