import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deploymentOf } from '../../../../model/deployment.ts';
import { startStack } from '../stack.ts';

const program = fileURLToPath(import.meta.url);

/** Starts a stack called `killed` by a command of its own, with a dashboard, and kills the command when it has said `line`. */
export async function killedAfter(line: string, root: string, k6: string): Promise<void> {
  const command = spawn(process.execPath, [program, root, k6], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const heard = Promise.withResolvers<void>();
  for (const stream of [command.stdout, command.stderr]) {
    stream.setEncoding('utf8').on('data', text => {
      said += text;
      if (said.includes(`${line}\n`)) heard.resolve();
    });
  }
  const closed = once(command, 'close');
  await Promise.race([heard.promise, closed]);
  command.kill('SIGKILL');
  await closed;
  assert.equal(command.signalCode, 'SIGKILL', `it ended by itself, and said: ${said}`);
}

const [script, root = '', k6 = ''] = process.argv.slice(1);
if (script === program) {
  await startStack({
    root,
    name: 'killed',
    deployments: [deploymentOf('async', 1), deploymentOf('sync', 1)],
    wellKnownPorts: false,
    measuring: true,
    accessLog: false,
    life: 'stays',
    workerProcesses: 1,
    dashboard: { k6, runs: join(root, 'runs') },
    signal: new AbortController().signal,
    say: line => void process.stdout.write(`${line}\n`),
  });
  process.stdout.write('ready\n');
  setInterval(() => undefined, 1000);
}
