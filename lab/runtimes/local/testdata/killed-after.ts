import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts the stack of `start-stack.ts` by a command of its own, and kills that when it has said `line`. */
export async function killedAfter(line: string, root: string, ...k6: string[]): Promise<void> {
  const command = spawn(process.execPath, [fileURLToPath(new URL('start-stack.ts', import.meta.url)), root, ...k6], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const heard = Promise.withResolvers<void>();
  const hear = (text: unknown) => {
    said += text;
    if (said.includes(`${line}\n`)) heard.resolve();
  };
  command.stdout.setEncoding('utf8').on('data', hear);
  command.stderr.setEncoding('utf8').on('data', hear);
  const closed = once(command, 'close');
  await Promise.race([heard.promise, closed]);
  command.kill('SIGKILL');
  await closed;
  assert.equal(command.signalCode, 'SIGKILL', `it ended by itself, and said: ${said}`);
}
