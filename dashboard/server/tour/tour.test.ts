import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentName, deploymentOf } from '../../../model/deployment.ts';
import { type DeploymentId, type TourOutcome, type TourState, type TourStep, tourSteps } from '../../protocol.ts';
import { workOf } from '../../work.ts';
import type { Tour } from '../page-feed.ts';
import { steps } from './steps.ts';
import { chosenBefore, SimulatedStack } from './testdata/simulated-stack.ts';
import type { Behaviour } from './testdata/simulated-topology.ts';
import { createTour } from './tour.ts';

/** Of the simulated stack, in which everything is as the claims have it. */
const answers: Readonly<Record<TourStep, number>> = { C1: 2, C2: 1, C3: 2, C4: 1, C5: 2, C7: 2, C8: 1, C9: 1, C12: 1 };
/** Seconds that measuring the whole tour may take. */
const BUDGET = 90;

test('every step is measured, bears out what the claims say, and leaves nothing behind', async context => {
  const simulated = new SimulatedStack();
  const tour = tourOn(simulated);
  let measuring = 0;
  for (const step of tourSteps) {
    await context.test(step, async () => {
      await tour.enter(step);
      assert.deepEqual([tour.state?.step, tour.state?.phase], [step, 'ready']);
      assert.equal(simulated.isLoaded, false);
      const begun = simulated.clock.now();
      const outcome = await measured(tour);
      const taken = simulated.clock.now() - begun;
      measuring += taken;
      assert.ok(Math.abs(taken / steps[step].duration - 1) < 0.2, `${taken} s, not ${steps[step].duration} s`);
      assert.equal(outcome.answer, answers[step], outcome.sentence);
      assert.doesNotMatch(outcome.sentence, /not shown|not decided|NaN|undefined|\?/);
      assert.equal(simulated.isLoaded, false);
      assert.deepEqual(simulated.connections, {});
      assert.deepEqual(
        simulated.settings.deployments,
        steps[step].needs.map(name => deploymentName(deploymentOf(name, 2))),
      );
    });
  }
  assert.ok(measuring <= BUDGET, `measuring takes ${measuring} s`);
});

test('what a step says of computing is what stands on the stage, and what is sent', async () => {
  for (const step of ['C3', 'C12'] as const) {
    const simulated = new SimulatedStack();
    const tour = tourOn(simulated);
    await tour.enter(step);
    const { workload } = simulated.settings;
    assert.equal(workOf(workload), tour.state?.facts.computing, step);
    assert.equal(tour.state?.facts.computing, 0.005);
    tour.measure();
    await until(tour, state => (state?.progress ?? 0) > 0.3);
    assert.deepEqual(simulated.settings.workload, workload, step);
    await tour.leave();
  }
});

test('steps that compare capacity measure one topology after the other', async () => {
  const simulated = new SimulatedStack();
  const tour = tourOn(simulated);
  await tour.enter('C7');
  const seen: string[] = [];
  tour.onChange = () => {
    const now = tour.state?.measuring?.join('+') ?? '';
    if (now !== '' && now !== seen.at(-1)) seen.push(now);
  };
  await measured(tour);
  assert.deepEqual(seen, ['sync-2x1-2', 'threads-1x8-8', 'sync-threads-2x8-16', 'hybrid-2x1-40']);
});

test('the progress of a measurement rises from 0 to nearly 1', async () => {
  const tour = tourOn(new SimulatedStack());
  await tour.enter('C4');
  const progress: number[] = [];
  tour.onChange = () => {
    if (tour.state?.progress !== undefined) progress.push(tour.state.progress);
  };
  await measured(tour);
  assert.equal(progress[0], 0);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
  assert.ok((progress.at(-1) ?? 0) > 0.85, `${progress.at(-1)}`);
});

test('who leaves in mid-measurement gets back what was before, and nothing is left behind', async () => {
  const simulated = new SimulatedStack();
  await simulated.director.limitConnections('hybrid-2x1-40', 10);
  const tour = tourOn(simulated);
  await tour.enter('C2');
  assert.deepEqual(simulated.connections, {});
  tour.measure();
  await until(tour, state => (state?.measuring ?? []).includes('hybrid-2x1-40'));
  assert.deepEqual(simulated.connections, { 'hybrid-2x1-40': 104 });
  await tour.leave();
  assert.equal(tour.state, undefined);
  assert.deepEqual(simulated.settings, chosenBefore);
  assert.deepEqual(simulated.connections, { 'hybrid-2x1-40': 10 });
});

test('who goes on in mid-measurement is at the next step, of which nothing is measured yet', async () => {
  const simulated = new SimulatedStack();
  const tour = tourOn(simulated);
  await tour.enter('C7');
  tour.measure();
  await until(tour, state => (state?.progress ?? 0) > 0.5);
  await tour.enter('C8');
  const { outcome, failure, progress } = tour.state ?? {};
  assert.deepEqual(
    [tour.state?.step, tour.state?.phase, outcome, failure, progress],
    ['C8', 'ready', undefined, undefined, undefined],
  );
  assert.deepEqual(simulated.settings.deployments, ['hybrid-2x1-40']);
  assert.equal(simulated.settings.running, false);
  assert.deepEqual(simulated.connections, {});
  assert.equal((await measured(tour)).answer, 1);
});

test('one who goes from step to step and leaves gets back what was before the first', async () => {
  const simulated = new SimulatedStack();
  const tour = tourOn(simulated);
  await Promise.all([tour.enter('C1'), tour.enter('C2'), tour.enter('C3')]);
  assert.equal(tour.state?.step, 'C3');
  await tour.leave();
  assert.deepEqual(simulated.settings, chosenBefore);
});

test('a step whose topologies are not there says so, and which command brings them', async () => {
  const simulated = new SimulatedStack(['hybrid', 'threads']);
  const tour = tourOn(simulated);
  await tour.enter('C3');
  assert.equal(tour.state?.phase, 'ready');
  assert.equal(
    tour.state?.failure,
    'Step 3 needs sync and hybrid, and sync is not there. Stop the stack, and start it with ' +
      'COMPOSE_PROFILES=sync,threads,hybrid docker compose up (or ./loadline up sync threads hybrid).',
  );
  assert.deepEqual(simulated.settings.deployments, ['hybrid-2x1-40']);
  assert.throws(() => tour.measure(), { name: 'Refusal', status: 409, message: /sync is not there/ });
  await tour.enter('C8');
  assert.equal((await measured(tour)).answer, 1);
});

test('when somebody chooses something else the measurement ends, and their choice stays', async () => {
  const simulated = new SimulatedStack();
  const tour = tourOn(simulated);
  await tour.enter('C3');
  tour.measure();
  await until(tour, state => (state?.progress ?? 0) > 0.3);
  simulated.director.choose(chosenBefore);
  await until(tour, state => state?.phase === 'ready');
  assert.equal(tour.state?.failure, 'Somebody chose something else while this was measured. Show it again.');
  assert.deepEqual(simulated.settings, chosenBefore);
});

test('without a generator nothing is measured, and it can be tried again', async () => {
  const simulated = new SimulatedStack();
  const tour = tourOn(simulated);
  await tour.enter('C4');
  simulated.rest = 'no-generator';
  tour.measure();
  await until(tour, state => state?.phase === 'ready');
  assert.match(tour.state?.failure ?? '', /^k6 does not ask for its orders/);
  simulated.rest = undefined;
  assert.equal((await measured(tour)).answer, 1);
  assert.equal(tour.state?.failure, undefined);
});

test('an outcome shows both counts, and says when nginx and k6 differ by more than a twentieth', async () => {
  const agreeing = await outcomeWith({});
  assert.doesNotMatch(agreeing.sentence, /two counts/);
  const [nginx, k6] = counted(agreeing, 'hybrid-2x1-40');
  assert.ok(nginx !== undefined && nginx > 1000);
  assert.equal(nginx, k6);

  const apart = await outcomeWith({ unlogged: 10 });
  const [fewer = 0, all = 0] = counted(apart, 'hybrid-2x1-40');
  assert.match(
    apart.sentence,
    /differ by more than 5 % \(hybrid: nginx \d+, k6 \d+\), so take the figures with care\.$/,
  );
  assert.ok(Math.abs(fewer / all - 0.9) < 0.01, `${fewer} of ${all}`);
});

test('an outcome says when other programs keep the CPUs busy', async () => {
  const busy = await outcomeWith({ idleMachine: 0.6 });
  assert.match(busy.sentence, /Before anything was sent, other programs kept the CPUs 60 % busy: /);
  assert.doesNotMatch((await outcomeWith({})).sentence, /other programs/);
});

test('a step whose requests fail shows no figures', async () => {
  const simulated = new SimulatedStack(undefined, { hybrid: { fails: true } });
  const tour = tourOn(simulated);
  await tour.enter('C8');
  tour.measure();
  await until(tour, state => state?.phase === 'ready');
  assert.match(tour.state?.failure ?? '', /^\d+ of \d+ requests to hybrid failed\. Show it again\.$/);
  assert.equal(tour.state?.outcome, undefined);
});

test('nothing is measured before a step is entered, or twice at once', async () => {
  const tour = tourOn(new SimulatedStack());
  assert.throws(() => tour.measure(), { name: 'Refusal', status: 409, message: /^Nobody is on the tour/ });
  await tour.enter('C1');
  const finished = measured(tour);
  assert.throws(() => tour.measure(), { name: 'Refusal', status: 409, message: /already/ });
  await finished;
});

test('the facts of each step are numbers of this stack', () => {
  const simulated = new SimulatedStack();
  const tour = tourOn(simulated);
  return tourSteps.reduce(async (before, step) => {
    await before;
    await tour.enter(step);
    for (const [name, value] of Object.entries(tour.state?.facts ?? {})) {
      assert.ok(Number.isFinite(value) && value > 0, `${name} of ${step} is ${value}`);
    }
  }, Promise.resolve());
});

async function outcomeWith(behaviour: Partial<Behaviour>): Promise<TourOutcome> {
  const tour = tourOn(new SimulatedStack(undefined, { hybrid: behaviour }));
  await tour.enter('C8');
  return measured(tour);
}

function counted({ figures }: TourOutcome, id: DeploymentId): (number | undefined)[] {
  const figureOf = (name: string) => figures.find(one => one.name === name && one.id === id)?.value;
  return [figureOf('answered, as nginx counted'), figureOf('answered, as k6 counted')];
}

function tourOn(simulated: SimulatedStack): Tour {
  const { director, observation, stack, clock, cpus } = simulated;
  return createTour(director, observation, stack, { clock, cpus });
}

async function measured(tour: Tour): Promise<TourOutcome> {
  tour.measure();
  await until(tour, state => state?.phase !== 'measuring');
  const { outcome, failure } = tour.state ?? {};
  assert.ok(outcome !== undefined, failure);
  return outcome;
}

/** Resolves as soon as the tour's state is like this: at the latest when it is measured. */
async function until(tour: Tour, isSo: (state: TourState | undefined) => boolean): Promise<void> {
  const { onChange } = tour;
  await new Promise<void>((resolve, reject) => {
    tour.onChange = () => {
      onChange();
      if (isSo(tour.state)) resolve();
      else if (tour.state?.phase !== 'measuring') reject(new Error(`it never was so: ${JSON.stringify(tour.state)}`));
    };
  });
  tour.onChange = onChange;
}
