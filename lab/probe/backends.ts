import { Client } from 'pg';
import type { Seconds } from '../../model/quantities.ts';

/** Counts the backends of a Postgres that are at work; the lab's own, which counts them, is none of them. */
export interface BackendsReader {
  /** At this moment; `null` when the database does not tell. */
  active(): Promise<number | null>;
  close(): Promise<void>;
}

/** Backends at work for clients of the database that it is asked of. */
export const COUNT_ACTIVE_BACKENDS = `select count(*) from pg_stat_activity
  where datname = current_database() and backend_type = 'client backend' and state = 'active' and pid <> pg_backend_pid()`;

const ANSWER_LIMIT: Seconds = 1;

/** A reader that asks over a connection of its own, which it makes when it is first asked. */
export function backendsOf(url: string): BackendsReader {
  let client: Promise<Client> | undefined;

  async function connect(): Promise<Client> {
    const limit = ANSWER_LIMIT * 1000;
    const made = new Client({ connectionString: url, connectionTimeoutMillis: limit, query_timeout: limit });
    // A connection that ends shows when it is next asked.
    made.on('error', () => undefined);
    await made.connect();
    return made;
  }

  async function close(): Promise<void> {
    const made = client;
    client = undefined;
    await made?.then(
      open => open.end(),
      () => undefined,
    );
  }

  return {
    async active() {
      try {
        client ??= connect();
        const { rows } = await (await client).query<{ count: string }>({ name: 'active', text: COUNT_ACTIVE_BACKENDS });
        return Number(rows[0]?.count);
      } catch {
        await close().catch(() => undefined);
        return null;
      }
    },
    close,
  };
}
