import { join } from 'node:path';
import { deploymentOf } from '../../../../model/deployment.ts';
import { startStack } from '../stack.ts';

const [root = '', k6] = process.argv.slice(2);

/**
 * A command to be killed: starts a stack that stays, in the checkout that its first argument names, and waits for its
 * end; with a dashboard where the second names k6.
 */
await startStack({
  root,
  name: 'killed',
  deployments: [deploymentOf('async', 1), deploymentOf('sync', 1)],
  wellKnownPorts: false,
  measuring: true,
  accessLog: false,
  life: 'stays',
  workerProcesses: 1,
  ...(k6 && { dashboard: { k6, runs: join(root, 'runs') } }),
  signal: new AbortController().signal,
  say: line => void process.stdout.write(`${line}\n`),
});
process.stdout.write('ready\n');
setInterval(() => undefined, 1000);
