/**
 * A program: processes that share a port, by Node's `cluster`. The primary listens and hands each connection to the next
 * process; in a process the main thread is the worker, and a thread beside it controls it (process.ts).
 */
import cluster from 'node:cluster';
import { flushCompileCache } from 'node:module';
import { isMainThread, MessageChannel, Worker } from 'node:worker_threads';
import { limits } from '../model/limits.ts';
import { CONTROL_THREAD } from '../model/wire.ts';
import { config } from './config.ts';
import { Counters } from './counters.ts';
import type { ControlThreadData, ControlThreadMessage } from './process.ts';
import { runWorker } from './worker.ts';

const signals = ['SIGTERM', 'SIGINT'] as const;

// Only compile.ts loads this file on another thread.
if (isMainThread) {
  if (cluster.isPrimary) runPrimary((await config()).deployment.processes);
  else runProcess();
}

/** Starts so many processes, and each again when it ends; a first signal drains them, a second one hurries. */
function runPrimary(processes: number): void {
  let signalled = false;
  for (let number = 1; number <= processes; number++) start(number);
  for (const signal of signals) process.on(signal, () => stop(signal));
  flushCompileCache();

  function start(number: number): void {
    if (signalled) return;
    let listened = false;
    const child = cluster.fork({ LOADLINE_PROCESS: `${number}` });
    child.once('listening', () => {
      listened = true;
    });
    // Something was sent to it as it ended.
    child.on('error', () => undefined);
    child.once('exit', code => {
      if (signalled) process.exitCode ||= code === 0 ? 0 : 1;
      // One that never listened gives the machine to others for a while.
      const pause = limits.pm2.restart + (listened ? 0 : limits.worker.failedStart);
      setTimeout(() => start(number), signalled ? 0 : pause * 1000);
    });
  }

  function stop(signal: NodeJS.Signals): void {
    for (const child of Object.values(cluster.workers ?? {})) child?.process.kill(signalled ? 'SIGKILL' : signal);
    if (signalled) process.exit(1);
    signalled = true;
  }
}

/** Serves on this thread; the thread beside it orders when to drain, and its end is that of the process. */
function runProcess(): void {
  const { port1, port2 } = new MessageChannel();
  const data: ControlThreadData = { main: { port: port2, counters: new SharedArrayBuffer(Counters.BYTES) } };
  const control = new Worker(new URL('./process.ts', import.meta.url), {
    name: CONTROL_THREAD,
    workerData: data,
    transferList: [port2],
  });
  port1.once('message', settings => runWorker(port1, settings));
  control.once('exit', code => process.exit(code));
  for (const signal of signals) {
    process.on(signal, () => {
      const message: ControlThreadMessage = signal;
      control.postMessage(message);
    });
  }
}
