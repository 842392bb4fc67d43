/**
 * What it costs the dashboard to ask control threads: the part of a core that this process takes while so many
 * processes are looked at, and while they are measured, which asks more often. The control threads are those of a
 * process of their own.
 * `node bench/dashboard-control.ts [PROCESSES] [SECONDS]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentId } from '../dashboard/protocol.ts';
import { ControlThreads } from '../dashboard/server/observation/control-threads.ts';
import { ControlThread } from '../lab/probe/testdata/control-thread.ts';
import { processCounters, workerCounters } from '../lab/probe/testdata/counters.ts';
import { deploymentOf } from '../model/deployment.ts';

const PROCESSES = Number(process.argv[2] ?? 4);
const SECONDS = Number(process.argv[3] ?? 10);
const TICK_MS = 50;

if (process.send === undefined) await measure();
else await answer();

/** Opens the control threads, and tells where they are. */
async function answer(): Promise<void> {
  const urls: string[] = [];
  for (let number = 1; number <= PROCESSES; number++) {
    const control = await ControlThread.open();
    control.counters = processCounters(number, workerCounters(`hybrid-${number}.1`));
    control.resources = { pid: number, cpu: 1, memory: 64_000_000 };
    urls.push(control.url);
  }
  process.send?.(urls);
}

async function measure(): Promise<void> {
  const child = fork(import.meta.filename, process.argv.slice(2));
  try {
    const [controls] = (await once(child, 'message')) as [string[]];
    let answers = 0;
    const deployment = deploymentOf('hybrid', PROCESSES);
    const threads = new ControlThreads(
      [{ id: 'hybrid', deployment, target: 'http://127.0.0.1:1', nginxPort: 1, controls }],
      {
        counted: () => {
          answers += 1;
        },
        used: () => {
          answers += 1;
        },
        gone: (_id, number) => void process.stderr.write(`process ${number} is gone\n`),
      },
      () => Date.now() / 1000,
    );
    const all = new Set<DeploymentId>(['hybrid']);
    for (const [what, measured] of [
      ['looked at', new Set<DeploymentId>()],
      ['measured', all],
    ] as const) {
      threads.look(all, measured);
      const ticker = setInterval(() => threads.tick(), TICK_MS);
      await delay(1000);
      answers = 0;
      const before = process.cpuUsage();
      await delay(SECONDS * 1000);
      const { user, system } = process.cpuUsage(before);
      clearInterval(ticker);
      const share = (user + system) / 1e6 / SECONDS;
      process.stdout.write(
        `${PROCESSES} processes ${what}: ${(answers / SECONDS).toFixed(1)} answers a second, ` +
          `${(share * 100).toFixed(2)} % of a core, ${((share * SECONDS * 1e6) / answers).toFixed(0)} µs an answer\n`,
      );
    }
    threads.close();
  } finally {
    child.kill();
  }
}
