import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LoadlineError } from '../../../model/errors.ts';
import { inheritedEnvironment } from './inherited-environment.ts';

/** Runs the services' own program that creates tables, items and the roles of the plan where they are missing. */
export async function prepareDatabase(url: string, plan: string, signal: AbortSignal): Promise<void> {
  const environment = { LOADLINE_DATABASE_URL: url, LOADLINE_STACK: plan };
  const failure = await run('database/prepare.ts', environment, signal);
  if (failure !== undefined) {
    throw new LoadlineError('postgres-failed', `Tables and roles could not be created: ${failure}`);
  }
}

/** Runs the services' own program that compiles them into `folder`, so that no worker needs a compiler of its own. */
export async function compileServices(folder: string, signal: AbortSignal): Promise<void> {
  const failure = await run('compile.ts', { NODE_COMPILE_CACHE: folder }, signal);
  if (failure !== undefined) throw new LoadlineError('workers-failed', `The service does not compile: ${failure}`);
}

/** Runs a program of `services/`; gives what it said when it failed. */
async function run(
  program: string,
  environment: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const script = fileURLToPath(new URL(`../../../services/${program}`, import.meta.url));
  const child = spawn(process.execPath, [script], {
    env: inheritedEnvironment(environment),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    signal,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = await once(child, 'close');
  return code === 0 ? undefined : said.trim();
}
