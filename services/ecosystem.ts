/**
 * A program: `node services/ecosystem.ts FOLDER` writes into FOLDER what a topology's container needs of the plan of the
 * stack: PM2's list of its processes (ecosystem.json), and the addresses that its health check asks (addresses).
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '../model/environment.ts';
import { listControls, listEndpoints } from '../model/stack-plan.ts';
import { plannedDeployment } from './config.ts';
import { ecosystemOf } from './pm2.ts';

const [folder = '.'] = process.argv.slice(2);

try {
  const planned = plannedDeployment('LOADLINE_SERVICE');
  const options = { nodePath: process.execPath, memoryKillsTold: join(tmpdir(), 'memory-kills-told') };
  writeFileSync(join(folder, 'ecosystem.json'), JSON.stringify(ecosystemOf([planned], options), null, 2));
  const addresses = planned.deployment.hidden ? listEndpoints(planned) : listControls(planned);
  writeFileSync(join(folder, 'addresses'), addresses.map(address => `${address}\n`).join(''));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}
