import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Deployment } from '../../../model/deployment.ts';
import { listControls, listWorkerAddresses } from '../../../model/stack-plan.ts';
import { availableCpus } from '../../../services/cpus.ts';
import { MachineProbe } from '../../probe/probe.ts';
import { sessionsAt } from '../../probe/sessions.ts';
import { describeEnvironment } from '../../run/environment.ts';
import type { Runtime, Stack } from '../../run/runtime.ts';
import { MeasuredStack, POSTGRES_SETTINGS, readNginxSettings } from '../measured-stack.ts';
import { findK6, k6Version, localK6 } from './k6.ts';
import { startStack } from './stack.ts';
import { removeTemporaryStacks, TEMPORARY } from './stack-folder.ts';

interface LocalRuntimeOptions {
  /** The checkout. */
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Runs deployments as processes of this machine: its nginx, Postgres from its package, PM2, k6. */
export class LocalRuntime implements Runtime {
  readonly name = 'local';
  readonly availableCpus = availableCpus();
  readonly #options: LocalRuntimeOptions;

  constructor(options: LocalRuntimeOptions) {
    this.#options = options;
  }

  async start(deployments: readonly Deployment[], signal: AbortSignal): Promise<Stack> {
    const { root, say } = this.#options;
    const k6Path = await findK6({ root, signal, say });
    await removeTemporaryStacks(root, say);
    const stack = await startStack({
      root,
      name: `${TEMPORARY}${randomUUID().slice(0, 8)}`,
      deployments,
      wellKnownPorts: false,
      measuring: true,
      accessLog: false,
      life: 'temporary',
      workerProcesses: this.availableCpus,
      signal,
      say,
    });
    try {
      const environment = {
        ...describeEnvironment(root),
        k6: await k6Version(root),
        nginx: stack.nginxVersion,
        postgres: await readPostgresSettings(stack.databaseUrl),
        nginxSettings: readNginxSettings(await readFile(join(stack.folder.nginx, 'nginx.conf'), 'utf8')),
        availableCpus: this.availableCpus,
      };
      return new MeasuredStack({
        probe: new MachineProbe(sessionsAt(stack.databaseUrl)),
        endpoints: stack.endpoints.map(endpoint => ({
          ...endpoint,
          target: endpoint.url,
          addresses: listWorkerAddresses(endpoint.planned).map(at => `http://${at}`),
          controls: listControls(endpoint.planned),
          databaseRole: endpoint.planned.databaseRole,
          workersPlace: () => ({ pids: endpoint.pids() }),
        })),
        nginx: { pids: [stack.pids.nginx] },
        postgres: { pids: [stack.pids.postgres] },
        nginxProcesses: stack.nginxProcesses,
        environment,
        launching: onStart => localK6(k6Path, pid => onStart({ pids: [pid] })),
        stop: () => stack.stop(),
      });
    } catch (error) {
      await stack.stop();
      throw error;
    }
  }
}

async function readPostgresSettings(url: string): Promise<Record<string, string>> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const query = 'select name, current_setting(name) as value from pg_settings where name = any($1)';
    const { rows } = await client.query<{ name: string; value: string }>(query, [POSTGRES_SETTINGS]);
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  } finally {
    await client.end();
  }
}
