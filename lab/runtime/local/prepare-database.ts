import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { LoadlineError } from '../../loadline-error.ts';

const preparation = new URL('../../../services/database/prepare.ts', import.meta.url);

/** Runs the services' own program that creates tables and items where they are missing. */
export async function prepareDatabase(url: string, signal: AbortSignal): Promise<void> {
  const program = spawn(process.execPath, [fileURLToPath(preparation)], {
    env: { ...process.env, LOADLINE_DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
    signal,
    killSignal: 'SIGKILL',
  });
  let said = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const [code] = await once(program, 'close');
  if (code !== 0) throw new LoadlineError('postgres-failed', `The tables could not be created: ${said.trim()}`);
}
