import { Client } from 'pg';

/** What `pg_stat_activity` says of the sessions of those who are under test. */
export const SESSIONS = `FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name <> 'onlooker'`;

/** The first column of the first row, as an onlooker with a session of its own sees it. */
export async function look(url: string, text: string): Promise<unknown> {
  const client = new Client({ connectionString: url, application_name: 'onlooker', connectionTimeoutMillis: 5000 });
  // A server that breaks off also rejects the query.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query({ text, rowMode: 'array' });
    return rows[0]?.[0];
  } finally {
    await client.end();
  }
}
