import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../../lab/runtimes/child-process.ts';
import { claimPorts } from '../../lab/runtimes/local/ports.ts';
import { type Deployment, deploymentOf } from '../../model/deployment.ts';
import { type ProcessPorts, planOneProcess } from '../../model/stack-plan.ts';
import { isConcurrencyLimited, type Topology, type TopologyName, topologyOf } from '../../model/topology.ts';
import type { ProcessCounters } from '../../model/wire.ts';
import { writePlan } from './plan-file.ts';

const START_LIMIT_MS = 30_000;

/** One real process of the service, on ports of its own. */
export class RunningService implements AsyncDisposable {
  readonly topology: TopologyName;
  /** Of the first worker; the others follow. */
  readonly port: number;
  readonly url: string;
  readonly controlUrl: string;
  /** Holds its plan. */
  readonly #folder: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #log = '';

  /** Starts a process of that topology, and returns when it is ready. */
  static async start(
    topology: TopologyName | Topology,
    databaseUrl: string,
    { threads = 1, hidden = false } = {},
  ): Promise<RunningService> {
    await using claim = await claimPorts(threads + 1);
    const [controlPort = 0, workerPort = 0] = claim.ports;
    const spec = typeof topology === 'string' ? topologyOf(topology) : topology;
    const deployment = deploymentOf(spec, 1, {
      threadsPerProcess: threads,
      databaseConnections: isConcurrencyLimited(spec) ? threads : 4,
      ...(hidden && { hidden }),
    });
    const service = new RunningService(deployment, { controlPort, workerPort }, databaseUrl);
    await service.#ready(hidden ? `${service.url}/plain` : `${service.controlUrl}/readyz`).catch(async error => {
      await service[Symbol.asyncDispose]();
      throw error;
    });
    return service;
  }

  private constructor(deployment: Deployment, { controlPort, workerPort }: ProcessPorts, databaseUrl: string) {
    this.topology = deployment.topology;
    this.port = workerPort;
    this.url = `http://127.0.0.1:${workerPort}`;
    this.controlUrl = `http://127.0.0.1:${controlPort}`;
    this.#folder = mkdtempSync(join(tmpdir(), 'loadline-service-'));
    const planned = {
      ...planOneProcess(deployment, 0, workerPort),
      databaseRole: decodeURIComponent(new URL(databaseUrl).username),
      processes: [{ controlPort, workerPort }],
    };
    const script = fileURLToPath(new URL('../process.ts', import.meta.url));
    this.#child = spawn(process.execPath, [script], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: inheritedEnvironment({
        LOADLINE_STACK: writePlan(this.#folder, planned),
        LOADLINE_DEPLOYMENT: planned.id,
        LOADLINE_PROCESS: '1',
        LOADLINE_DATABASE_URL: databaseUrl,
      }),
    });
    this.#child.stderr?.on('data', chunk => {
      this.#log += chunk;
    });
    this.#ended = once(this.#child, 'exit').then(([code]) => code);
  }

  /** What it has logged so far. */
  get log(): string {
    return this.#log;
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its exit code, once it has ended; `null` when a signal ended it. */
  get ended(): Promise<number | null> {
    return this.#ended;
  }

  async counters(): Promise<ProcessCounters> {
    const response = await fetch(`${this.controlUrl}/counters`);
    return (await response.json()) as ProcessCounters;
  }

  signal(signal: 'SIGTERM' | 'SIGINT'): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.running) this.#child.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ready(address: string): Promise<void> {
    const limit = performance.now() + START_LIMIT_MS;
    for (;;) {
      const response = await fetch(address).catch(() => undefined);
      if (response?.status === 200) return;
      if (!this.running || performance.now() > limit) throw new Error(`${this.topology} is not ready:\n${this.#log}`);
      await pause(50);
    }
  }
}
