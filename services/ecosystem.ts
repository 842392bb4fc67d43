/** A program: prints PM2's list of the processes that a container's environment asks for. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../model/environment.ts';
import { placedInContainer } from '../model/placement.ts';
import { containerConfig } from './config.ts';
import { ecosystemOf } from './pm2.ts';

try {
  const placed = placedInContainer(containerConfig());
  const options = { nodePath: process.execPath, memoryKillsTold: join(tmpdir(), 'memory-kills-told') };
  process.stdout.write(`${JSON.stringify(ecosystemOf([placed], options), null, 2)}\n`);
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
