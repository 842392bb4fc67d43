import { availableCpus } from '../../../services/cpus.ts';
import type { DeploymentId, Settings, TourState } from '../../protocol.ts';
import type { LiveStack } from '../config.ts';
import type { Director } from '../director.ts';
import type { Observation } from '../observation/observation.ts';
import type { Tour } from '../page-feed.ts';
import { Refusal } from '../refusal.ts';
import { LiveLoads } from './live-loads.ts';
import { lackOf, sizesOf, withIds } from './sizes.ts';
import { type Step, TourFailure } from './step.ts';
import { steps } from './steps.ts';
import { machineClock, type WaitingClock } from './waiting-clock.ts';
import { wholeOutcome } from './whole-outcome.ts';

export interface TourOptions {
  readonly clock?: WaitingClock;
  /** CPUs of the machine that all deployments share. */
  readonly cpus?: number;
}

/** Seconds between two notes of how far a measurement has come. */
const NOTE_EVERY = 0.25;

/**
 * The guided tour, on a live stack. It sends what it measures by the director's `choose`, `burst` and `holdCpu`. Where
 * somebody chooses something else while a step is measured, the step ends with a failure and leaves that alone.
 */
export function createTour(
  director: Director,
  observation: Observation,
  stack: Pick<LiveStack, 'deployments'>,
  { clock = machineClock, cpus = availableCpus() }: TourOptions = {},
): Tour {
  const sizes = sizesOf(stack, cpus);
  let state: TourState | undefined;
  let before: { readonly settings: Settings; readonly limits: readonly Limit[] } | undefined;
  let measurement: { readonly end: AbortController; readonly over: Promise<void> } | undefined;
  /** Changes of place, one after the other. */
  let moves: Promise<void> = Promise.resolve();
  let moving = 0;

  const tour: Tour = {
    get state() {
      return state;
    },
    onChange: () => {},
    enter: step => move(() => enter(steps[step])),
    measure,
    leave: () => move(leave),
  };
  return tour;

  function change(next: TourState | undefined): void {
    state = next;
    tour.onChange();
  }

  /** What is being measured is interrupted, and undone before anything else is done. */
  function move(to: () => Promise<void>): Promise<void> {
    moving++;
    measurement?.end.abort();
    const moved = moves
      .then(() => measurement?.over)
      .then(to)
      .finally(() => moving--);
    moves = moved.catch(() => {});
    return moved;
  }

  async function enter(step: Step): Promise<void> {
    const { settings } = director.state;
    const limits = limitsOf(director);
    for (const { id } of limits) await director.limitConnections(id, undefined);
    before ??= { settings, limits };
    const failure = lackOf(step, sizes);
    director.choose(situationOf(step));
    const facts = step.facts(sizes);
    change({ step: step.step, facts, phase: 'ready', ...(failure !== undefined && { failure }) });
  }

  /** What the step has of its situation stands on the stage; nothing is sent. */
  function situationOf(step: Step): Settings {
    const there = step.needs.flatMap(topology => sizes.id(topology) ?? []);
    const deployments = there.length === 0 ? director.state.settings.deployments : there;
    return { ...step.situation(sizes), deployments, running: false };
  }

  async function leave(): Promise<void> {
    if (before === undefined) return;
    director.choose(before.settings);
    for (const { id, connections } of before.limits) await director.limitConnections(id, connections);
    before = undefined;
    change(undefined);
  }

  function measure(): void {
    if (state === undefined) throw new Refusal(409, 'Nobody is on the tour: go to one of its steps first.');
    if (moving > 0) throw new Refusal(409, 'The tour is on its way to a step: ask again.');
    if (state.phase === 'measuring') throw new Refusal(409, 'This step is being measured already.');
    const step = steps[state.step];
    const lack = lackOf(step, sizes);
    if (lack !== undefined) throw new Refusal(409, lack);
    const end = new AbortController();
    const { step: name, facts } = state;
    director.touch();
    change({ step: name, facts, phase: 'measuring', progress: 0, measuring: [] });
    const over = measured(step, end.signal)
      .catch((error: unknown) => (end.signal.aborted ? {} : { failure: failureOf(error) }))
      .then(result => {
        measurement = undefined;
        change({ step: name, facts, phase: 'outcome' in result ? 'measured' : 'ready', ...result });
      });
    measurement = { end, over };
  }

  /** Measures the step; whatever happens, nothing that it did is left behind. */
  async function measured(step: Step, signal: AbortSignal): Promise<Required<Pick<TourState, 'outcome'>>> {
    const begun = clock.now();
    let noted = begun;
    const onTick = (measuring: readonly DeploymentId[]) => {
      const now = clock.now();
      if (signal.aborted || now - noted < NOTE_EVERY || state === undefined) return;
      noted = now;
      change({ ...state, measuring, progress: Math.min(0.99, (now - begun) / step.duration) });
    };
    const loads = new LiveLoads({
      director,
      observation,
      clock,
      signal,
      topologies: step.needs,
      sizes,
      atRest: situationOf(step),
      onTick,
    });
    try {
      const disturbance = await loads.begin();
      const outcome = await step.measure(loads, sizes);
      const counts = await loads.counts();
      return { outcome: withIds(wholeOutcome(outcome, step, { disturbance, counts }), sizes) };
    } finally {
      await loads.end();
    }
  }
}

interface Limit {
  readonly id: DeploymentId;
  readonly connections: number;
}

function limitsOf({ state }: Director): Limit[] {
  return Object.entries(state.databaseConnections).map(([id, connections]) => ({ id, connections }));
}

function failureOf(error: unknown): string {
  if (error instanceof TourFailure || error instanceof Refusal) return error.message;
  return `It could not be measured: ${error instanceof Error ? error.message : String(error)}. Show it again.`;
}
