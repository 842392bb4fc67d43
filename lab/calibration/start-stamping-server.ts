import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StampingServer } from './instrument.ts';
import type { Stamps } from './stamps.ts';

/** Starts the server that knows its own delay, on a free port of the loopback address; its delays are drawn from `seed`. */
export async function startStampingServer(
  seed: number,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<StampingServer> {
  signal.throwIfAborted();
  const child = fork(fileURLToPath(new URL('stamping-server.ts', import.meta.url)), {
    // A group of its own: Ctrl-C in a terminal is for the lab, which then ends it.
    detached: true,
    execArgv: [],
    env: { ...environment, SEED: String(seed) },
    serialization: 'advanced',
  });
  const ended = once(child, 'exit');
  const end = async () => {
    // A stopped process is killed all the same.
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const [port] = await Promise.race([once(child, 'message', { signal }), ended]);
    return {
      port: Number(port),
      async stamps() {
        const told = once(child, 'message', { signal });
        child.send('tell');
        return (await told)[0] as Stamps;
      },
      stop: () => void child.kill('SIGSTOP'),
      goOn: () => void child.kill('SIGCONT'),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}
