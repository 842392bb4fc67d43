import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { LoadlineError } from '../../errors/loadline-error.ts';
import type { WeightedRequest } from '../../loadtests/lib/orders.ts';
import type { Load, Phases } from '../experiment/experiment.ts';
import type { Seconds } from '../experiment/units.ts';
import { lastLinesOf } from './last-lines.ts';
import { type LoadOutcome, mergeOutcomes } from './load-outcome.ts';
import { type LoadListener, OrdersServer } from './orders-server.ts';
import { endGroup } from './process-group.ts';

/** A load to drive: what is sent where, how, and for how long. */
export interface LoadToDrive {
  /** Base URL, without a slash at its end. */
  readonly target: string;
  readonly requests: readonly WeightedRequest[];
  readonly load: Load;
  readonly phases: Phases;
  /** Of the response time: the edge of the histograms. */
  readonly objective: Seconds;
  readonly seed: number;
  /** Virtual users that arrivals and users are spread over; a burst has one. */
  readonly sources?: number;
}

export interface Driving extends LoadListener {
  readonly k6Path: string;
  readonly signal: AbortSignal;
  /** Called with k6's process id as soon as it has one. */
  readonly onStart?: (pid: number) => void;
}

const DEFAULT_SOURCES = 2;
/** How long k6 may take to end after its last report. */
const LONGEST_END: Seconds = 2;
/** How much longer than its phases a load may take, before k6 is taken to be stuck. */
const LONGEST_DELAY: Seconds = 15;

const flags = ['-q', '--no-usage-report', '--summary-mode=disabled', '--no-thresholds', '--log-format=raw'];

/** Drives a load with k6; what all its sources measured, once everything that was sent has ended. */
export async function driveWithK6(toDrive: LoadToDrive, driving: Driving): Promise<LoadOutcome> {
  const { load, phases, target } = toDrive;
  const { k6Path, signal } = driving;
  const sources = load.model === 'burst' ? 1 : (toDrive.sources ?? DEFAULT_SOURCES);
  await using orders = await OrdersServer.listen(sources, load.model === 'open' ? load.arrivalRate : 0, driving);
  await using home = await emptyHome();

  signal.throwIfAborted();
  const k6 = spawn(k6Path, ['run', ...flags, scriptOf(load)], {
    // A group of its own: Ctrl-C in a terminal is for the lab, which then ends k6.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...surroundings(home.path), ...settingsOf(toDrive, sources, orders.address) },
  });
  const lines = lastLinesOf(k6);
  const ended = once(k6, 'close');
  const interrupt = () => endGroup(k6);
  const longest = phases.warmUp + phases.steadyState + phases.timeLimit + LONGEST_DELAY;
  const stuck = setTimeout(interrupt, longest * 1000);
  signal.addEventListener('abort', interrupt);
  try {
    if (k6.pid !== undefined) driving.onStart?.(k6.pid);
    await Promise.race([orders.handedOver, ended]);
    await Promise.race([ended, after(LONGEST_END)]);
  } catch (cause) {
    if (k6.pid === undefined) throw new LoadlineError('k6-failed', `k6 at ${k6Path} cannot be started.`, { cause });
    throw cause;
  } finally {
    clearTimeout(stuck);
    signal.removeEventListener('abort', interrupt);
    await interrupt();
  }

  signal.throwIfAborted();
  if (orders.outcomes.length < sources) {
    const said = lines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${lines.join('\n')}`;
    throw new LoadlineError('k6-failed', `k6 ended (${endingOf(k6)}) before its load at ${target} did. ${said}`);
  }
  return mergeOutcomes(orders.outcomes);
}

function scriptOf(load: Load): string {
  return fileURLToPath(new URL(`../../loadtests/${load.model}.ts`, import.meta.url));
}

/** The load as the variables that the scripts read. */
function settingsOf(toDrive: LoadToDrive, sources: number, orders: string): Record<string, string> {
  const { load, phases } = toDrive;
  const settings = {
    TARGET: toDrive.target,
    REQUESTS: JSON.stringify(toDrive.requests),
    WARM_UP: phases.warmUp,
    STEADY_STATE: phases.steadyState,
    TIME_LIMIT: phases.timeLimit,
    OBJECTIVE: toDrive.objective,
    SOURCES: sources,
    SEED: toDrive.seed,
    ORDERS: orders,
    ...(load.model === 'open' && { ARRIVAL_RATE: load.arrivalRate }),
    ...(load.model === 'closed' && { USERS: load.users, THINK_TIME: load.thinkTime }),
    ...(load.model === 'burst' && { BURST: load.requests }),
  };
  return Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
}

/** As little of the environment as k6 needs: neither `K6_…` variables nor k6's own file in a home may change a load. */
function surroundings(home: string): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: home, XDG_CONFIG_HOME: home };
}

async function emptyHome(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'loadline-k6-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

function endingOf(k6: ChildProcess): string {
  return k6.signalCode ?? `exit code ${k6.exitCode}`;
}

function after(seconds: Seconds): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000).unref());
}
