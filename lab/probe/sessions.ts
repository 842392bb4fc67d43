import { Client } from 'pg';
import type { Seconds } from '../../model/quantities.ts';

/** Connections of one role to a database. */
export interface RoleSessions {
  /** At a statement. */
  readonly active: number;
  /** Active, or idle in a transaction. */
  readonly inUse: number;
  readonly open: number;
}

/** By role; a role without connections is absent. */
export type SessionsByRole = Readonly<Record<string, RoleSessions>>;

/** Counts the connections to a database; the one that it asks over is none of them. */
export interface SessionsReader {
  /** At this moment; `null` when the database does not tell. */
  byRole(): Promise<SessionsByRole | null>;
  close(): Promise<void>;
}

/** One row with one value, in JSON: the connections of clients to the database that it is asked of, by role. */
export const COUNT_SESSIONS = `select coalesce(json_object_agg(usename, counts), '{}') as roles from (
  select usename, json_build_object('active', count(*) filter (where state = 'active'),
    'inUse', count(*) filter (where state <> 'idle'), 'open', count(*)) as counts
  from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
    and pid <> pg_backend_pid() and usename is not null group by usename) as sessions`;

const ANSWER_LIMIT: Seconds = 1;

/** A reader that asks over a connection of its own, which it makes when it is first asked. */
export function sessionsAt(url: string): SessionsReader {
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
    async byRole() {
      try {
        client ??= connect();
        const query = { name: 'sessions', text: COUNT_SESSIONS };
        const { rows } = await (await client).query<{ roles: SessionsByRole }>(query);
        return rows[0]?.roles ?? null;
      } catch {
        await close().catch(() => undefined);
        return null;
      }
    },
    close,
  };
}
