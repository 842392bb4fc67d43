import { createInterface } from 'node:readline';
import type { Seconds } from '../../../model/quantities.ts';
import { COUNT_SESSIONS, type SessionsReader } from '../../probe/sessions.ts';
import { endGroup } from '../process-group.ts';
import { spawnDocker } from './docker.ts';

/** A shell's words for psql in the database's container, bare answers only. The password is where Postgres itself was given it. */
export const PSQL =
  'PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE") exec psql --username="$POSTGRES_USER" --quiet --no-align --tuples-only';

const ANSWER_LIMIT: Seconds = 1;
const QUERY = `${COUNT_SESSIONS.replaceAll('\n', ' ')};\n`;

/**
 * A reader that asks through psql inside the database's container: its network is closed to this machine. One session
 * serves all questions, and begins with the first; when it fails, nothing is asked any more.
 */
export function sessionsInContainer(id: string): SessionsReader {
  let session: Session | undefined;
  let isOver = false;
  return {
    async byRole() {
      if (isOver) return null;
      session ??= new Session(id);
      const line = await session.ask(QUERY);
      if (line?.startsWith('{')) return JSON.parse(line);
      isOver = true;
      return null;
    },
    async close() {
      isOver = true;
      await session?.end();
    },
  };
}

/** A psql that is asked one question after the other. */
class Session {
  readonly #process: ReturnType<typeof spawnDocker>;
  #onLine: ((line: string | undefined) => void) | undefined;

  constructor(id: string) {
    this.#process = spawnDocker(['exec', '--interactive', id, 'sh', '-c', PSQL]);
    createInterface({ input: this.#process.stdout })
      .on('line', line => this.#onLine?.(line))
      .on('close', () => this.#onLine?.(undefined));
    this.#process.stderr.resume();
    // One that ended or never began does not answer.
    for (const end of [this.#process, this.#process.stdin]) end.on('error', () => this.#onLine?.(undefined));
  }

  /** The first line of the answer; `undefined` when none comes. */
  async ask(query: string): Promise<string | undefined> {
    const { promise, resolve } = Promise.withResolvers<string | undefined>();
    this.#onLine = resolve;
    const late = setTimeout(resolve, ANSWER_LIMIT * 1000, undefined);
    this.#process.stdin.write(query);
    const line = await promise;
    clearTimeout(late);
    return line;
  }

  end(): Promise<void> {
    // psql ends with its questions, also where the signal does not reach it.
    this.#process.stdin.end();
    return endGroup(this.#process);
  }
}
