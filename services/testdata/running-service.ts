import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { inheritedEnvironment } from '../../lab/runtime/local/inherited-environment.ts';
import { claimPorts } from '../../lab/runtime/local/ports.ts';
import { isConcurrencyLimited, type TopologyName, topologyOf } from '../../model/topology.ts';
import type { ProcessCounters } from '../../model/wire.ts';

const START_LIMIT_MS = 30_000;

/** One real process of the service, on ports of its own. */
export class RunningService implements AsyncDisposable {
  readonly topology: TopologyName;
  /** Of the first worker; the others follow. */
  readonly port: number;
  readonly url: string;
  readonly controlUrl: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  #log = '';

  /** Starts a process of that topology, and returns when it is ready. */
  static async start(
    topology: TopologyName,
    databaseUrl: string,
    threads = 1,
    more: Readonly<Record<string, string>> = {},
  ): Promise<RunningService> {
    await using claim = await claimPorts(threads + 1);
    const [controlPort = 0, port = 0] = claim.ports;
    const service = new RunningService(topology, controlPort, port, {
      LOADLINE_TOPOLOGY: topology,
      LOADLINE_THREADS: String(threads),
      LOADLINE_DATABASE_CONNECTIONS: String(isConcurrencyLimited(topologyOf(topology)) ? threads : 4),
      LOADLINE_WORKER_PORT: String(port),
      LOADLINE_CONTROL_PORT: String(controlPort),
      LOADLINE_DATABASE_URL: databaseUrl,
      ...more,
    });
    await service.#ready(more.LOADLINE_HIDDEN ? `${service.url}/plain` : `${service.controlUrl}/readyz`);
    return service;
  }

  private constructor(topology: TopologyName, controlPort: number, port: number, env: Record<string, string>) {
    this.topology = topology;
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.controlUrl = `http://127.0.0.1:${controlPort}`;
    const script = fileURLToPath(new URL('../process.ts', import.meta.url));
    this.#child = spawn(process.execPath, [script], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: inheritedEnvironment(env),
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
