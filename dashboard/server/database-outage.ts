import type { Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { Client, type ClientConfig } from 'pg';
import { Refusal } from './refusal.ts';

/** Seconds. */
const CONNECT_LIMIT = 2;
/** Connections of Postgres that are left to administrators. */
const RESERVED = 10;
/** Milliseconds between two attempts to give the database back: the first, and the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2000;

/** Every Postgres has this database, and it holds nothing of the service. */
const MAINTENANCE_DATABASE = 'template1';
/** The name of the session that keeps the database away; Postgres allows 63 bytes. */
const SESSION = 'loadline takes the database away';

/**
 * Runs on the server, so that the database comes back even when the dashboard has ended. Each COMMIT publishes what was
 * done, and lets the next statement see the current sessions.
 */
const takeAway = `
DO $$
DECLARE
  database CONSTANT text := current_setting('loadline.database');
  back CONSTANT timestamptz := clock_timestamp() + make_interval(secs => current_setting('loadline.seconds')::float8);
  told boolean := false;
BEGIN
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS false', database);
  COMMIT;
  LOOP
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE datname = database AND backend_type = 'client backend';
    IF NOT told AND NOT FOUND THEN
      RAISE NOTICE 'away';
      told := true;
    END IF;
    COMMIT;
    EXIT WHEN clock_timestamp() >= back;
    PERFORM pg_sleep(0.02);
  END LOOP;
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS true', database);
  COMMIT;
END $$`;

const giveBack = `
DO $$
BEGIN
  PERFORM pg_terminate_backend(pid, 1000) FROM pg_stat_activity
    WHERE application_name = current_setting('loadline.session') AND pid <> pg_backend_pid();
  EXECUTE format('ALTER DATABASE %I ALLOW_CONNECTIONS true', current_setting('loadline.database'));
END $$`;

/** A database that is away. */
export interface Outage {
  /** Resolves when it is back, however long that takes; rejects when the outage was closed before. */
  readonly back: Promise<void>;
}

/** Takes the service's database away for a while, and gives it back. */
export class DatabaseOutage {
  readonly #database: string;
  readonly #config: ClientConfig;
  readonly #closed = new AbortController();

  /** `url`: of the database, with a superuser; `openSocket`: for host names whose lookup may take long. */
  constructor(url: string, openSocket?: () => Socket) {
    const maintenance = new URL(url);
    this.#database = decodeURIComponent(maintenance.pathname.slice(1));
    maintenance.pathname = `/${MAINTENANCE_DATABASE}`;
    this.#config = {
      connectionString: maintenance.href,
      connectionTimeoutMillis: CONNECT_LIMIT * 1000,
      ...(openSocket && { stream: openSocket }),
    };
  }

  /** Begins an outage of so many seconds; resolves when all sessions have ended. */
  async begin(seconds: number): Promise<Outage> {
    const client = await this.#connect(SESSION);
    const away = new Promise<void>(resolve => client.once('notice', () => resolve()));
    const over = this.#run(client, takeAway, { database: this.#database, seconds: String(seconds) });
    // Postgres may end meanwhile, with the database away.
    const back = over.catch(() => this.#endLater());
    back.catch(() => undefined);
    await Promise.race([away, over]).catch(refuse);
    return { back };
  }

  /** Gives the database back at once, even when another dashboard took it away. */
  async end(): Promise<void> {
    const client = await this.#connect();
    await this.#run(client, giveBack, { database: this.#database, session: SESSION }).catch(refuse);
  }

  /** Stops trying to give the database back. */
  close(): void {
    this.#closed.abort();
  }

  /** Connections that all workers together may have. */
  async connectionsForWorkers(): Promise<number> {
    const client = await this.#connect();
    try {
      const { rows } = await client.query<{ most: number }>("SELECT current_setting('max_connections')::int AS most");
      return (rows[0]?.most ?? 0) - RESERVED;
    } catch (error) {
      return refuse(error);
    } finally {
      await client.end();
    }
  }

  async #endLater(): Promise<void> {
    const { signal } = this.#closed;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      signal.throwIfAborted();
      try {
        return await this.end();
      } catch {
        await setTimeout(pause, undefined, { signal });
      }
    }
  }

  async #connect(name?: string): Promise<Client> {
    const client = new Client({ ...this.#config, ...(name !== undefined && { application_name: name }) });
    // An error of the connection also rejects the query in flight.
    client.on('error', () => undefined);
    await client.connect().catch(refuse);
    return client;
  }

  /** Runs a block, which takes no parameters, with these settings, and closes the connection. */
  async #run(client: Client, block: string, settings: Readonly<Record<string, string>>): Promise<void> {
    try {
      for (const [name, value] of Object.entries(settings)) {
        await client.query('SELECT set_config($1, $2, false)', [`loadline.${name}`, value]);
      }
      await client.query(block);
    } finally {
      await client.end();
    }
  }
}

function refuse(error: unknown): never {
  throw new Refusal(503, `Postgres failed: ${error instanceof Error ? error.message : String(error)}.`);
}
