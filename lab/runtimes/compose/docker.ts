import { spawn } from 'node:child_process';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import { runChild } from '../child-process.ts';

export interface DockerOptions {
  /** Ends the command; the engine may still do what it was asked. */
  readonly signal?: AbortSignal | undefined;
  /** Variables for what a Compose file leaves open. */
  readonly variables?: Readonly<Record<string, string>>;
  /** How long the command may take. */
  readonly limit?: Seconds;
  /** Whether an answer about only a part of what was asked for will do. */
  readonly partial?: boolean;
  /** Whether stderr is a part of the answer, as with logs. */
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

/** An engine that does not answer, or does not do what it was asked. */
export class EngineFailure extends LoadlineError {
  /** Without the advice: `The Docker Engine did not answer within 30 s`. */
  readonly what: string;
  /** What to do about it: `Start it`. */
  readonly advice: string;

  constructor(what: string, advice = 'See whether it runs (docker info), and repeat the command', cause?: unknown) {
    super('engine-failed', `The Docker Engine ${what}. ${advice}.`, { cause });
    this.what = `The Docker Engine ${what}`;
    this.advice = advice;
  }
}

/** How to install an engine. */
export const INSTALL_ENGINE = 'https://docs.docker.com/engine/install';
/** The limits of containers in `docker-compose.yml`, which a measurement obeys. */
export const limitVariable = /^((WORKERS|NGINX|DATABASE|K6)_(CPUS|CPUSET|MEMORY|PIDS)|OPEN_FILES)$/;

const DEFAULT_LIMIT: Seconds = 30;
const START = `Start it (sudo systemctl start docker, or Docker Desktop) until docker info shows a "Server Version". If there is no engine here, install it: ${INSTALL_ENGINE}`;
const JOIN_GROUP = 'Join the group that may use its socket (sudo usermod -aG docker $USER), then log out and in again';
/** What docker's client says, and no program inside a build. */
const noEngine =
  /(cannot connect to|permission denied while trying to connect to|failed to connect to) the docker (daemon|api)|error during connect: /i;
/** The variables that find the engine. */
const inherited = /^(PATH|HOME|USER|LANG|TMPDIR|SSH_AUTH_SOCK|(HTTPS?|NO)_PROXY|(XDG|DOCKER|BUILDX|BUILDKIT)_.*)$/i;

/** Runs `docker` with these arguments to its end; what it wrote on stdout. */
export async function docker(args: readonly string[], options: DockerOptions = {}): Promise<string> {
  const { signal, limit = DEFAULT_LIMIT, partial = false, both = false, variables } = options;
  const running = runChild('docker', args, { env: dockerEnvironment(variables), signal, limit });
  const { code, stdout, stderr, late } = await running.catch(explainMissing);
  if (code === 0) return both ? `${stdout}${stderr}` : stdout;
  if (late) throw new EngineFailure(`did not answer within ${limit} s (docker ${args.slice(0, 2).join(' ')})`);
  if (noEngine.test(stderr)) throw engineSilent(stderr);
  if (partial) return stdout;
  throw new DockerFailure(args, `${stderr}${stdout}`.trim());
}

/** Starts `docker` in a process group of its own: Ctrl-C in a terminal is for the lab, which then ends it. */
export function spawnDocker(args: readonly string[]) {
  return spawn('docker', args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'], env: dockerEnvironment() });
}

/** The lines of an answer. */
export function splitLines(answer: string): string[] {
  return answer.split('\n').filter(line => line !== '');
}

/** An engine that does not answer, with the last line of what `docker` said. */
export function engineSilent(said: string): EngineFailure {
  const last = said.trim().split('\n').at(-1) ?? '';
  const reason = last.replace(/: (Get|Post) ".*|\. Is the docker daemon running\?$|\.$/, '');
  return new EngineFailure(`does not answer: ${reason}`, /permission denied/i.test(reason) ? JOIN_GROUP : START);
}

/** For `catch` of a command that may be refused: returns nothing then, and throws any other error. */
export function ifRefused(error: unknown): undefined {
  if (!(error instanceof DockerFailure)) throw error;
}

/** The limits of containers that the user's environment sets. */
export function limitVariables(): Record<string, string> {
  return pickVariables(name => limitVariable.test(name) && process.env[name] !== '');
}

/** Only what finds the engine and limits containers: other variables of a demo would change a measurement unseen. */
function dockerEnvironment(variables: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return { ...pickVariables(name => inherited.test(name) || limitVariable.test(name)), ...variables };
}

function pickVariables(isWanted: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) =>
      value !== undefined && isWanted(name) ? [[name, value]] : [],
    ),
  );
}

function explainMissing(error: unknown): never {
  const isMissing = error instanceof Error && 'syscall' in error;
  if (!isMissing) throw error;
  throw new EngineFailure(
    'cannot be asked: the command docker was not found',
    `Install Docker Engine: ${INSTALL_ENGINE}`,
    error,
  );
}
