import {
  claimTexts,
  type Demonstration,
  type DemonstrationOutcome,
  fillText,
  type StackSizes,
} from '../../../lab/claims/demonstration.ts';
import { demonstrations } from '../../../lab/claims/demonstrations.ts';
import { deploymentOf } from '../../../model/deployment.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { wholePercent } from '../../../model/quantities.ts';
import type { Interval } from '../../../model/statistics.ts';
import { type TopologyName, topologyNames } from '../../../model/topology.ts';
import { availableCpus } from '../../../services/cpus.ts';
import {
  type DeploymentId,
  OBJECTIVE,
  type Settings,
  settingLimits,
  stepNumber,
  type TourFigure,
  type TourOutcome,
  type TourState,
  type TourStep,
} from '../../protocol.ts';
import type { LiveStack } from '../config.ts';
import type { Director } from '../director.ts';
import type { Observation } from '../observation/observation.ts';
import type { Tour } from '../page-feed.ts';
import { Refusal } from '../refusal.ts';
import { demonstrateLive, type LiveReadings } from './live-demonstration.ts';
import { machineClock, TourFailure, type WaitingClock } from './waiting.ts';

interface TourOptions {
  readonly clock?: WaitingClock;
  /** CPUs of the machine that all deployments share. */
  readonly cpus?: number;
}

/** Seconds between two reports of progress. */
const REPORT_EVERY = 0.25;
/** Fractions of all CPUs: above the first, other programs are mentioned; above the second, CPUs cannot be compared. */
const MENTIONED = 0.25;
const TOO_BUSY = 0.5;
/** How far two counts of the same requests may differ. */
const COUNT_TOLERANCE = 0.05;

/**
 * The guided tour on a live stack. It sends its loads through the director. If a viewer changes the load while a step is
 * measured, the step fails and the viewer's choice stays.
 */
export function createTour(
  director: Director,
  observation: Observation,
  { deployments }: Pick<LiveStack, 'deployments'>,
  { clock = machineClock, cpus = availableCpus() }: TourOptions = {},
): Tour {
  const first = (topology: TopologyName) => deployments.find(({ deployment }) => deployment.topology === topology);
  const idOf = (topology: TopologyName) => first(topology)?.id;
  const deployment = (topology: TopologyName) => first(topology)?.deployment ?? deploymentOf(topology, cpus);
  const stack: StackSizes = {
    ...{ cpus, deployment, most: settingLimits, objective: OBJECTIVE },
    workers: topology => deriveParallelism(deployment(topology)).workers,
  };
  let state: TourState | undefined;
  let before: { readonly settings: Settings; readonly limits: Readonly<Record<DeploymentId, number>> } | undefined;
  let measurement: { readonly end: AbortController; readonly over: Promise<void> } | undefined;
  /** Moves from step to step, one after the other. */
  let moves: Promise<void> = Promise.resolve();
  let moving = 0;

  const tour: Tour = {
    get state() {
      return state;
    },
    onChange: () => {},
    enter: step => move(() => enter(step)),
    measure,
    leave: () => move(leave),
  };
  return tour;

  function change(next: TourState | undefined): void {
    state = next;
    tour.onChange();
  }

  /** Interrupts a measurement and waits until it is undone. */
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

  async function enter(step: TourStep): Promise<void> {
    const { settings, databaseConnections: limits } = director.state;
    for (const id of Object.keys(limits)) await director.limitConnections(id, undefined);
    before ??= { settings, limits };
    director.choose(settingsAtRest(step));
    const failure = describeLack(step, first);
    change({ step, text: writeText(step, stack), phase: 'ready', ...(failure !== undefined && { failure }) });
  }

  /** The step's deployments on the stage, with its load, which is not sent yet. */
  function settingsAtRest(step: TourStep): Settings {
    const { needs, plan } = demonstrations[step] as Demonstration;
    const { workload, load } = plan(stack);
    const there = needs.flatMap(topology => idOf(topology) ?? []);
    const ids = there.length === 0 ? director.state.settings.deployments : there;
    return { workload, load, deployments: ids, running: false };
  }

  async function leave(): Promise<void> {
    if (before === undefined) return;
    director.choose(before.settings);
    for (const [id, connections] of Object.entries(before.limits)) await director.limitConnections(id, connections);
    before = undefined;
    change(undefined);
  }

  function measure(): void {
    if (state === undefined) throw new Refusal(409, 'The tour has not begun: go to one of its steps first.');
    if (moving > 0) throw new Refusal(409, 'The tour is on its way to a step: ask again.');
    if (state.phase === 'measuring') throw new Refusal(409, 'This step is being measured already.');
    const { step, text } = state;
    const lack = describeLack(step, first);
    if (lack !== undefined) throw new Refusal(409, lack);
    const end = new AbortController();
    director.touch();
    change({ step, text, phase: 'measuring', progress: 0, measuring: [] });
    const over = measureStep(step, end.signal)
      .catch((error: unknown) => (end.signal.aborted ? {} : { failure: describeFailure(error) }))
      .then(result => {
        measurement = undefined;
        change({ step, text, phase: 'outcome' in result ? 'measured' : 'ready', ...result });
      });
    measurement = { end, over };
  }

  async function measureStep(step: TourStep, signal: AbortSignal): Promise<{ readonly outcome: TourOutcome }> {
    const demonstration: Demonstration = demonstrations[step];
    const plan = demonstration.plan(stack);
    const begun = clock.now();
    let reported = begun;
    const live = await demonstrateLive({
      ...{ director, observation, clock, signal, plan, idOf, needs: demonstration.needs },
      atRest: settingsAtRest(step),
      onTick: measuring => {
        const now = clock.now();
        if (signal.aborted || now - reported < REPORT_EVERY || state === undefined) return;
        reported = now;
        change({ ...state, measuring, progress: Math.min(0.99, (now - begun) / demonstration.duration) });
      },
    });
    return { outcome: completeOutcome(step, plan.judge(live.readings), live, idOf) };
  }
}

/** The step's texts with the numbers of this stack. */
function writeText(step: TourStep, stack: StackSizes): TourState['text'] {
  const { facts } = demonstrations[step].plan(stack);
  const { look = '', question = '', guesses = [], why = '' } = claimTexts[step];
  const fill = (text: string) => fillText(text, facts);
  return { look: fill(look), question: fill(question), guesses: guesses.map(fill), why: fill(why) };
}

/** Which topologies the step lacks, and the command that brings them; `undefined` if all are there. */
function describeLack(step: TourStep, first: (topology: TopologyName) => unknown): string | undefined {
  const { needs }: Demonstration = demonstrations[step];
  const missing = needs.filter(topology => first(topology) === undefined);
  if (missing.length === 0) return undefined;
  const wanted = topologyNames.filter(topology => needs.includes(topology) || first(topology) !== undefined);
  return (
    `Step ${stepNumber(step)} needs ${needs.join(' and ')}, but ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not ` +
    `there. Stop the stack, and start it with COMPOSE_PROFILES=${wanted.join(',')} docker compose up (or ./loadline up ${wanted.join(' ')}).`
  );
}

/** The outcome with both counts of its requests, and with what makes its figures doubtful. */
export function completeOutcome(
  step: TourStep,
  { figures, sentence, answer }: DemonstrationOutcome,
  { disturbance, counts }: Pick<LiveReadings, 'disturbance' | 'counts'>,
  idOf: (topology: TopologyName) => DeploymentId | undefined,
): TourOutcome {
  const { comparesCpus = false }: Demonstration = demonstrations[step];
  const disturbed = `Before anything was sent, other programs kept the CPUs ${wholePercent(disturbance)} busy`;
  const isTooBusy = comparesCpus && disturbance > TOO_BUSY;
  const doubts: string[] = [];
  if (isTooBusy) doubts.push(`${disturbed}, so nothing is decided here.`);
  else if (disturbance > MENTIONED) doubts.push(`${disturbed}: on an idle machine the figures would differ.`);
  const apart = counts.filter(({ nginx, k6 }) => Math.abs(nginx - k6) > COUNT_TOLERANCE * k6);
  if (apart.length > 0) {
    const each = apart.map(({ topology, nginx, k6 }) => `${topology}: nginx ${nginx}, k6 ${k6}`).join('; ');
    doubts.push(`The two counts of these requests differ by more than 5 % (${each}), so the figures may be wrong.`);
  }
  const countFigure = (by: 'nginx' | 'k6', meaning: string): TourFigure => ({
    ...{ name: `answered, as ${by} counted`, unit: 'requests', meaning },
    values: counts.map(count => ({ ...findId(count.topology), value: count[by] })),
  });
  return {
    figures: Object.entries(figures).map(([name, values]) => ({
      name,
      ...(claimTexts[step].figures?.[name] ?? { unit: '', meaning: '' }),
      values: Object.entries(values).map(([topology, value]) => ({ ...findId(topology), ...withBounds(value) })),
    })),
    counts: [
      countFigure('nginx', 'Every request of the step, warm-up included, in nginx’s log.'),
      countFigure('k6', 'The same requests, as k6 saw their ends.'),
    ],
    sentence: [sentence, ...doubts].join(' '),
    answer: isTooBusy ? 'undecided' : answer,
  };

  function findId(topology: TopologyName): { readonly id?: DeploymentId } {
    const id = idOf(topology);
    return id === undefined ? {} : { id };
  }
}

function withBounds(value: number | Interval): Pick<TourFigure['values'][number], 'value' | 'low' | 'high'> {
  if (typeof value === 'number') return { value };
  const { estimate, low, high } = value;
  return Number.isFinite(low) && Number.isFinite(high) ? { value: estimate, low, high } : { value: estimate };
}

function describeFailure(error: unknown): string {
  if (error instanceof TourFailure || error instanceof Refusal) return error.message;
  return `It could not be measured: ${error instanceof Error ? error.message : String(error)}. Show it again.`;
}
