import { deploymentOf } from '../../../../services/deployment.ts';
import { startStack } from '../stack.ts';

/** A command to be killed: starts a stack that stays, in the checkout that its argument names, and waits for its end. */
await startStack({
  root: process.argv[2] ?? '',
  name: 'killed',
  deployments: [deploymentOf('async', 1), deploymentOf('sync', 1)],
  wellKnownPorts: false,
  measuring: true,
  accessLog: false,
  life: 'stays',
  workerProcesses: 1,
  signal: new AbortController().signal,
  say: line => void process.stdout.write(`${line}\n`),
});
process.stdout.write('ready\n');
setInterval(() => undefined, 1000);
