import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { endGroup } from '../process-group.ts';

export interface DockerOptions {
  /** Ends the command; what it has asked of the engine by then may still come to be. */
  readonly signal?: AbortSignal;
  /** Variables for what a Compose file leaves open. */
  readonly variables?: Readonly<Record<string, string>>;
  /** How long it may take. */
  readonly limit?: Seconds;
  /** Whether an answer about only a part of what was asked for will do. */
  readonly partial?: boolean;
  /** Whether what it wrote on stderr is a part of its answer, as with logs. */
  readonly both?: boolean;
}

/** A command of `docker` that failed, with all that it said. */
export class DockerFailure extends Error {
  override readonly name = 'DockerFailure';
  readonly said: string;

  constructor(args: readonly string[], said: string) {
    super(`docker ${args.join(' ')}: ${said}`);
    this.said = said;
  }
}

const DEFAULT_LIMIT: Seconds = 30;
/** How to install an engine. */
export const INSTALL_ENGINE = 'https://docs.docker.com/engine/install';
const START = `Start it (sudo systemctl start docker, or Docker Desktop) until docker info shows a "Server Version". If there is no engine here, install it: ${INSTALL_ENGINE}`;
const JOIN_GROUP = 'Join the group that may use its socket (sudo usermod -aG docker $USER), then log out and in again';
/** In the words of docker's client, which no program inside a build says. */
const noEngine =
  /(cannot connect to|permission denied while trying to connect to|failed to connect to) the docker (daemon|api)|error during connect: /i;

/** Runs `docker` with these arguments to its end; what it wrote on stdout. */
export async function docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  const { signal, limit = DEFAULT_LIMIT, partial = false, both = false } = options;
  signal?.throwIfAborted();
  const child = spawnDocker(args, options);
  child.stdin.end();
  let late = false;
  const giveUp = () => {
    late = true;
    void endGroup(child);
  };
  const timer = Number.isFinite(limit) ? setTimeout(giveUp, limit * 1000) : undefined;
  const interrupt = () => void endGroup(child);
  signal?.addEventListener('abort', interrupt);
  try {
    const [written, said, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
    signal?.throwIfAborted();
    if (code === 0) return both ? `${written}${said}` : written;
    const what = `${said}${written}`.trim();
    if (late) throw engineFailed(`did not answer within ${limit} s (docker ${args.slice(0, 2).join(' ')})`);
    if (noEngine.test(said)) throw engineSilent(said);
    if (partial) return written;
    throw new DockerFailure(args, what);
  } catch (cause) {
    if (cause instanceof Error && 'syscall' in cause)
      throw new EngineFailure(
        'cannot be asked: the command docker was not found',
        `Install Docker Engine: ${INSTALL_ENGINE}`,
        cause,
      );
    throw cause;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', interrupt);
  }
}

/** Starts `docker` in a process group of its own: Ctrl-C in a terminal is for the lab, which then ends it. */
export function spawnDocker(args: readonly string[], { variables }: DockerOptions = {}) {
  return spawn('docker', args, {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...dockerEnvironment(), ...variables },
  });
}

/** The id of each line of an answer. */
export function linesOf(answer: string): string[] {
  return answer.split('\n').filter(line => line !== '');
}

/** Tells that the engine let the lab down in the middle of its work. */
export function engineFailed(what: string, cause?: unknown): EngineFailure {
  return new EngineFailure(what, 'See whether it runs (docker info), and repeat the command', cause);
}

/** Tells that the engine does not answer, with the last line of what `docker` said. */
export function engineSilent(said: string): EngineFailure {
  const reason = (said.trim().split('\n').at(-1) ?? '').replace(
    /: (Get|Post) ".*|\. Is the docker daemon running\?$|\.$/,
    '',
  );
  const advice = /permission denied/i.test(reason) ? JOIN_GROUP : START;
  return new EngineFailure(`does not answer: ${reason}`, advice);
}

/** For `catch` of a command that may be refused: gives nothing then, and throws what has another cause. */
export function ifRefused(error: unknown): undefined {
  if (!(error instanceof DockerFailure)) throw error;
}

/** An engine that does not answer, or does not do what it answers for. */
export class EngineFailure extends LoadlineError {
  /** Without the advice: `The Docker Engine did not answer within 30 s`. */
  readonly what: string;
  /** What to do about it: `Start it`. */
  readonly advice: string;

  constructor(what: string, advice: string, cause?: unknown) {
    super('engine-failed', `The Docker Engine ${what}. ${advice}.`, { cause });
    this.what = `The Docker Engine ${what}`;
    this.advice = advice;
  }
}

export type DockerProcess = ChildProcess & ReturnType<typeof spawnDocker>;

/** What finds the engine. */
const inherited = /^(PATH|HOME|USER|LANG|TMPDIR|SSH_AUTH_SOCK|(HTTPS?|NO)_PROXY|(XDG|DOCKER|BUILDX|BUILDKIT)_.*)$/i;
/** The limits of containers in `docker-compose.yml`, which a measurement obeys. */
export const limitVariable = /^((WORKERS|NGINX|DATABASE|K6)_(CPUS|CPUSET|MEMORY|PIDS)|OPEN_FILES)$/;

/** The limits of containers that the user's environment sets. */
export function limitVariables(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value && limitVariable.test(name) ? [[name, value]] : [])),
  );
}

/** Of the user's environment only what finds the engine: what a demo was told by variables is not measured in secret. */
function dockerEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => inherited.test(name) || limitVariable.test(name)),
  );
}
