import type { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';
import { type Outage, Refusal } from './parts.ts';
import { untilDone } from './until-done.ts';

/** Seconds. */
const LONGEST = 30;
const CONNECT_LIMIT = 2;
/** Connections of Postgres that are left to whoever looks after the stack. */
const RESERVED = 10;

/** Every database server has it, and nothing of the service is in it. */
const MAINTENANCE_DATABASE = 'template1';
/** By this name the session is known that keeps the database away; Postgres allows 63 bytes. */
const SESSION = 'loadline takes the database away';

/**
 * Runs on the server, so that the database comes back although whoever took it away is gone. Each COMMIT makes what was
 * done so far true for everybody, and the next look at the sessions a fresh one.
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

/** Takes the service's database away from everybody for a while, and gives it back. */
export class DatabaseOutage {
  readonly #database: string;
  readonly #config: ClientConfig;
  readonly #closed = new AbortController();
  #backAt = 0;
  /** From when it is taken away until it is really back. */
  #isAway = false;

  /** Of the database at `url`, whose user must be a superuser; `openSocket` is for a name whose lookup may take long. */
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

  /** Begins an outage of so many seconds; resolves when nobody is connected any more. */
  async begin(seconds: number): Promise<Outage> {
    if (!(seconds > 0 && seconds <= LONGEST)) {
      throw new Refusal(400, `The database can be taken away for ${LONGEST} s at most, not for ${seconds}.`);
    }
    const left = (this.#backAt - performance.now()) / 1000;
    if (left > 0) throw new Refusal(409, `The database is away already; it is back in ${Math.ceil(left)} s.`);
    if (this.#isAway) throw new Refusal(409, 'The database is away still: Postgres has not given it back yet.');
    this.#backAt = performance.now() + seconds * 1000;
    const client = await this.#connect(SESSION);
    const away = new Promise<void>(resolve => client.once('notice', () => resolve()));
    const over = this.#run(client, takeAway, { database: this.#database, seconds: String(seconds) });
    this.#isAway = true;
    // Postgres may have ended meanwhile, with the database away.
    const back = over
      .catch(() => untilDone(() => this.end(), this.#closed.signal))
      .then(() => {
        this.#isAway = false;
      });
    back.catch(() => undefined);
    await Promise.race([away, over]).catch((error: unknown) => this.#refuse(error));
    return { back };
  }

  /** Gives the database back, at once, whoever took it away. */
  async end(): Promise<void> {
    const client = await this.#connect();
    await this.#run(client, giveBack, { database: this.#database, session: SESSION }).catch((error: unknown) =>
      this.#refuse(error),
    );
    this.#backAt = 0;
  }

  /** Tries no longer to give back what Postgres does not take back. */
  close(): void {
    this.#closed.abort();
  }

  /** How many connections all workers together may have. */
  async connectionsForWorkers(): Promise<number> {
    const client = await this.#connect();
    try {
      const { rows } = await client.query<{ most: number }>("SELECT current_setting('max_connections')::int AS most");
      return (rows[0]?.most ?? 0) - RESERVED;
    } catch (error) {
      return this.#refuse(error);
    } finally {
      await client.end();
    }
  }

  async #connect(name?: string): Promise<Client> {
    const client = new Client({ ...this.#config, ...(name !== undefined && { application_name: name }) });
    // What breaks the connection also rejects the query that is in flight.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return client;
    } catch (error) {
      return this.#refuse(error);
    }
  }

  /** Runs a block of statements, which takes no parameters, with these settings, and closes the connection. */
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

  #refuse(error: unknown): never {
    this.#backAt = 0;
    throw new Refusal(503, `Postgres does not do it: ${error instanceof Error ? error.message : String(error)}.`);
  }
}
