/**
 * What it costs the dashboard to ask control threads: the part of a core that this process takes while so many
 * processes are looked at, and while they are measured, which asks more often. The control threads are those of a
 * process of their own.
 * `node bench/dashboard-control.ts [PROCESSES] [SECONDS]`
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { ControlThreads } from '../dashboard/server/observation/control-threads.ts';
import { ControlThread } from '../lab/probe/testdata/control-thread.ts';
import { processCounters, workerCounters } from '../lab/probe/testdata/counters.ts';

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
    const count = () => {
      answers += 1;
    };
    const gone = (number: number) => void process.stderr.write(`process ${number} is gone\n`);
    const deployment = { controls, isMeasured: false, counted: count, used: count, gone };
    const threads = new ControlThreads(() => Date.now() / 1000);
    for (const isMeasured of [false, true]) {
      threads.look([Object.assign(deployment, { isMeasured })]);
      const ticker = setInterval(() => threads.tick(), TICK_MS);
      await delay(1000);
      answers = 0;
      const before = process.cpuUsage();
      await delay(SECONDS * 1000);
      const { user, system } = process.cpuUsage(before);
      clearInterval(ticker);
      const share = (user + system) / 1e6 / SECONDS;
      process.stdout.write(
        `${PROCESSES} processes ${isMeasured ? 'measured' : 'looked at'}: ${(answers / SECONDS).toFixed(1)} answers a second, ` +
          `${(share * 100).toFixed(2)} % of a core, ${((share * SECONDS * 1e6) / answers).toFixed(0)} µs an answer\n`,
      );
    }
    threads.look([]);
  } finally {
    child.kill();
  }
}
