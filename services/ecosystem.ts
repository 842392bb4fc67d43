/** A program: prints PM2's list of the processes of a container, from the plan of the stack. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../model/environment.ts';
import { plannedDeployment } from './config.ts';
import { ecosystemOf } from './pm2.ts';

try {
  const planned = plannedDeployment();
  const options = { nodePath: process.execPath, memoryKillsTold: join(tmpdir(), 'memory-kills-told') };
  process.stdout.write(`${JSON.stringify(ecosystemOf([planned], options), null, 2)}\n`);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
