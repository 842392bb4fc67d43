import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { findK6 } from '../../lab/runtimes/local/k6.ts';
import type { SourceOutcome } from '../../model/wire.ts';

export const root = join(import.meta.dirname, '..', '..');

/** k6 in the pinned version. */
export const k6Path = await findK6({ root, signal: new AbortController().signal, say: () => {} });

export interface KnownDelayServer extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** Starts a server of known delay in a process of its own, so that it can be stopped without stopping the test. */
export async function startServer(settings: { delayMs: number; slots?: number }): Promise<KnownDelayServer> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'known-delay-server.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      DELAY_MS: String(settings.delayMs),
      ...(settings.slots !== undefined && { SLOTS: String(settings.slots) }),
    },
  });
  endsWithThisProcess(child);
  const [port] = await once(child.stdout.setEncoding('utf8'), 'data');
  return {
    url: `http://127.0.0.1:${Number(port)}`,
    pid: child.pid ?? 0,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** A script that k6 runs. */
export interface RunningScript extends AsyncDisposable {
  readonly pid: number;
  /** What it wrote and how it ended, once it has. */
  readonly ended: Promise<{ output: string; exitCode: number | null }>;
}

/** Starts a script as a person would. */
export function startScript(script: string, settings: Record<string, string | number>): RunningScript {
  const env = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  const flags = ['-q', '--no-usage-report', '--summary-mode=disabled', '--no-thresholds', '--log-format=raw'];
  const child = spawn(k6Path, ['run', ...flags, join(root, 'loadtests', script)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env },
  });
  endsWithThisProcess(child);
  const ended = Promise.all([text(child.stderr), once(child, 'close')]).then(([output, [exitCode]]) => ({
    output,
    exitCode,
  }));
  return {
    pid: child.pid ?? 0,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** However this process ends, as long as it calls `exit`. */
function endsWithThisProcess(child: ChildProcess): void {
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}

/** Runs a script to its end; what it wrote and how it ended. */
export function runScript(
  script: string,
  settings: Record<string, string | number>,
): Promise<{ output: string; exitCode: number | null }> {
  return startScript(script, settings).ended;
}

/** Runs a script and reads the outcome that it prints. */
export async function runToOutcome(script: string, settings: Record<string, string | number>): Promise<SourceOutcome> {
  const { output } = await runScript(script, { ...settings, OUTPUT: 'json' });
  return JSON.parse(output);
}
