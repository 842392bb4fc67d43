import { LoadlineError } from '../../model/errors.ts';
import type { Load, Phases } from '../../model/experiment.ts';
import type { Seconds } from '../../model/quantities.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import type { K6Task, LaunchK6 } from './k6.ts';
import { type LoadOutcome, mergeOutcomes } from './load-outcome.ts';
import { type LoadListener, OrdersDesk } from './orders-desk.ts';

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
  readonly launch: LaunchK6;
  readonly signal: AbortSignal;
}

const DEFAULT_SOURCES = 2;
/** How long k6 may take to end after its last report. */
const LONGEST_END: Seconds = 2;
/** How much longer than its phases a load may take, before k6 is taken to be stuck. */
const LONGEST_DELAY: Seconds = 15;

/** Drives a load with k6; what all its sources measured, once everything that was sent has ended. */
export async function driveWithK6(toDrive: LoadToDrive, driving: Driving): Promise<LoadOutcome> {
  const { load, phases, target } = toDrive;
  const { launch, signal } = driving;
  const sources = load.model === 'burst' ? 1 : (toDrive.sources ?? DEFAULT_SOURCES);
  const desk = new OrdersDesk(sources, driving);

  signal.throwIfAborted();
  const k6 = await launch(taskOf(toDrive, sources), desk);
  const interrupt = () => void k6.end();
  const longest = phases.warmUp + phases.steadyState + phases.timeLimit + LONGEST_DELAY;
  const stuck = setTimeout(interrupt, longest * 1000);
  signal.addEventListener('abort', interrupt);
  try {
    if (signal.aborted) interrupt();
    await Promise.race([desk.handedOver, k6.ended]);
    await Promise.race([k6.ended, after(LONGEST_END)]);
  } finally {
    clearTimeout(stuck);
    signal.removeEventListener('abort', interrupt);
    await k6.end();
  }

  signal.throwIfAborted();
  if (desk.outcomes.length < sources) {
    const { lines } = k6;
    const said = lines.length === 0 ? 'It wrote nothing.' : `Its last lines:\n${lines.join('\n')}`;
    throw new LoadlineError('k6-failed', `k6 ended (${await k6.ended}) before its load at ${target} did. ${said}`);
  }
  return mergeOutcomes(desk.outcomes);
}

/** The load as a script and the variables that it reads. */
function taskOf(toDrive: LoadToDrive, sources: number): K6Task {
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
    ...(load.model === 'open' && { ARRIVAL_RATE: load.arrivalRate }),
    ...(load.model === 'closed' && { USERS: load.users, THINK_TIME: load.thinkTime }),
    ...(load.model === 'burst' && { BURST: load.requests }),
  };
  const texts = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  return { script: `${load.model}.ts`, settings: Object.fromEntries(texts) };
}

function after(seconds: Seconds): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, seconds * 1000).unref());
}
