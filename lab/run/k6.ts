import type { Load } from '../../model/experiment.ts';
import { availableCpus } from '../../services/cpus.ts';
import { generatorCpus } from '../search/saturation.ts';
import type { OrdersDesk } from './orders-desk.ts';

/** What k6 is to run. */
export interface K6Task {
  /** Which script of `loadtests/`. */
  readonly script: `${Load['model']}.ts`;
  /** The variables that the script reads, but for `ORDERS`, which depends on where k6 runs. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Starts k6 where a runtime has it, with the reports of its sources handed to `desk`. */
export type LaunchK6 = (task: K6Task, desk: OrdersDesk) => Promise<RunningK6>;

/** A k6 that was started. */
export interface RunningK6 {
  /** Resolves when it has ended, of itself or not, to how: `exit code 0`. */
  readonly ended: Promise<string>;
  /** The last lines that it has written so far. */
  readonly lines: readonly string[];
  /** Ends it if it still runs, and returns when nothing is left of it. */
  end(): Promise<void>;
}

/** For every script: no summary, no samples that are kept, nothing that is sent elsewhere. */
export const k6Flags = ['-q', '--no-usage-report', '--summary-mode=disabled', '--no-thresholds', '--log-format=raw'];

/**
 * For every script. Go's collector of garbage runs a quarter as often as by default: while it works, answers wait to be
 * read. k6 then took 0.15 to 0.25 ms of its own to see an answer instead of 0.2 to 0.35, and up to a quarter less CPU.
 *
 * Go runs on half of the CPUs. On one CPU instead of two, k6 used 14 to 18 % less CPU time per request.
 */
export const k6Variables = { GOGC: '400', GOMAXPROCS: `${generatorCpus(availableCpus())}` };
