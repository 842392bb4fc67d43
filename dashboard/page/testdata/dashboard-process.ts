import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimPorts, type PortClaim } from '../../../lab/runtimes/local/ports.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import { planDeployment, type StackPlan } from '../../../model/stack-plan.ts';
import type { TopologyName } from '../../../model/topology.ts';

const TOPOLOGIES: readonly TopologyName[] = ['sync', 'threads', 'async', 'hybrid'];
/** Seconds. */
const READY_LIMIT = 20;

/** The dashboard's own server with the built page, and neither topologies nor k6 behind it. */
export class DashboardProcess implements AsyncDisposable {
  readonly address: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'loadline-page-'));
  readonly #claim: PortClaim;
  readonly #environment: Readonly<Record<string, string>>;
  #child: ChildProcess | undefined;

  private constructor(claim: PortClaim, environment: Readonly<Record<string, string>>) {
    const [web = 0, desk = 0, nowhere = 0] = claim.ports;
    this.address = `http://127.0.0.1:${web}`;
    this.#claim = claim;
    const requestLog = join(this.#folder, 'live.log');
    writeFileSync(requestLog, '');
    mkdirSync(join(this.#folder, 'runs'));
    const loopback = { host: '127.0.0.1', nginxHost: '127.0.0.1', nginxPort: nowhere, publishedPort: nowhere };
    const deployments = TOPOLOGIES.map(topology => {
      const deployment = deploymentOf(topology, 2);
      const processes = Array(deployment.processes).fill({ controlPort: nowhere, workerPort: nowhere });
      return planDeployment(deployment, { ...loopback, processes });
    });
    const plan = join(this.#folder, 'stack.json');
    writeFileSync(plan, JSON.stringify({ schema: 1, deployments } satisfies StackPlan));
    this.#environment = {
      PATH: process.env.PATH ?? '',
      TMPDIR: this.#folder,
      LOADLINE_STACK: plan,
      LOADLINE_REQUEST_LOG: requestLog,
      LOADLINE_DATABASE_URL: `postgres://nobody@127.0.0.1:${nowhere}/none`,
      LOADLINE_WEB_PORT: String(web),
      LOADLINE_DESK_PORT: String(desk),
      LOADLINE_PAGE_ADDRESS: this.address,
      LOADLINE_RUNS: this.runs,
      ...environment,
    };
  }

  /** One that was started. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<DashboardProcess> {
    const dashboard = new DashboardProcess(await claimPorts(3), environment);
    await dashboard.start();
    return dashboard;
  }

  /** The folder of its runs. */
  get runs(): string {
    return join(this.#folder, 'runs');
  }

  /** Starts it again, with other variables beside its own. */
  async start(others: Readonly<Record<string, string>> = {}): Promise<void> {
    const main = join(import.meta.dirname, '../../server/main.ts');
    // Root would read what others may not.
    const asOthers = process.geteuid?.() === 0 ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search'] : [];
    const [program = '', ...args] = [...asOthers, process.execPath, main];
    this.#child = spawn(program, args, {
      env: { ...this.#environment, ...others },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (this.#child.stdout) await once(this.#child.stdout, 'data', { signal: AbortSignal.timeout(READY_LIMIT * 1000) });
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await this.#claim.release();
    rmSync(this.#folder, { recursive: true });
  }
}
