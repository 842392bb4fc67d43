import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TourAnswer } from '../../../lab/claims/demonstration.ts';
import { demonstrations } from '../../../lab/claims/demonstrations.ts';
import { emptyHistogram } from '../../../model/histogram.ts';
import { type TourOutcome, type TourState, type TourStep, tourSteps } from '../../protocol.ts';
import type { Tour } from '../page-feed.ts';
import { readTopology } from './live-demonstration.ts';
import { type Behaviour, chosenBefore, SimulatedStack } from './testdata/simulated-stack.ts';
import { completeOutcome, createTour } from './tour.ts';

/** On the simulated stack everything is as the claims say. */
const answers: Readonly<Record<TourStep, number>> = { C1: 2, C2: 1, C3: 2, C4: 1, C5: 2, C7: 2, C8: 1, C9: 1, C12: 1 };

test('every step is measured in its time, supports the claim, and leaves nothing behind', async context => {
  const { tour, simulated } = tourOn();
  let measuring = 0;
  for (const step of tourSteps) {
    await context.test(step, async () => {
      await tour.enter(step);
      assert.deepEqual([tour.state?.step, tour.state?.phase, simulated.isLoaded], [step, 'ready', false]);
      const begun = simulated.clock.now();
      const outcome = await measured(tour);
      const taken = simulated.clock.now() - begun;
      measuring += taken;
      const { duration, needs } = demonstrations[step];
      assert.ok(Math.abs(taken / duration - 1) < 0.2, `${taken} s, not ${duration} s`);
      assert.equal(outcome.answer, answers[step], outcome.sentence);
      assert.doesNotMatch(outcome.sentence, /not shown|not decided|NaN|undefined|\?/);
      assert.ok([...outcome.figures, ...outcome.counts].every(({ meaning }) => meaning !== ''));
      assert.deepEqual([simulated.isLoaded, simulated.connections], [false, {}]);
      assert.deepEqual(
        simulated.settings.deployments.map(id => id.replace(/-\d+x.*/, '')),
        needs,
      );
    });
  }
  assert.ok(measuring <= 90, `measuring takes ${measuring} s`);
});

test('the load on the stage is the one that is sent, and topologies are measured one after the other', async () => {
  const { tour, simulated } = tourOn();
  await tour.enter('C7');
  const { workload } = simulated.settings;
  const seen: string[] = [];
  const progress: number[] = [];
  tour.onChange = () => {
    const now = tour.state?.measuring?.join('+') ?? '';
    if (now !== '' && now !== seen.at(-1)) seen.push(now);
    if (tour.state?.progress !== undefined) progress.push(tour.state.progress);
    assert.deepEqual(simulated.settings.workload, workload);
  };
  await measured(tour);
  assert.deepEqual(seen, ['sync-2x1-2', 'threads-1x8-8', 'sync-threads-2x8-16', 'hybrid-2x1-40']);
  assert.ok(progress[0] === 0 && (progress.at(-1) ?? 0) > 0.85, `${progress}`);
  assert.deepEqual(
    progress,
    progress.toSorted((a, b) => a - b),
  );
});

test('leaving during a measurement restores what was before the tour', async () => {
  const { tour, simulated } = tourOn();
  await simulated.director.limitConnections('hybrid-2x1-40', 10);
  await Promise.all([tour.enter('C1'), tour.enter('C3'), tour.enter('C2')]);
  assert.deepEqual([tour.state?.step, simulated.connections], ['C2', {}]);
  tour.measure();
  await until(tour, state => (state?.measuring ?? []).includes('hybrid-2x1-40'));
  assert.deepEqual(simulated.connections, { 'hybrid-2x1-40': 104 });
  await tour.leave();
  assert.equal(tour.state, undefined);
  assert.deepEqual([simulated.settings, simulated.connections], [chosenBefore, { 'hybrid-2x1-40': 10 }]);
});

test('moving on during a measurement leads to the next step, of which nothing is measured yet', async () => {
  const { tour, simulated } = tourOn();
  await tour.enter('C7');
  tour.measure();
  await until(tour, state => (state?.progress ?? 0) > 0.5);
  await tour.enter('C8');
  assert.deepEqual(Object.keys(tour.state ?? {}), ['step', 'text', 'phase']);
  assert.deepEqual([tour.state?.step, tour.state?.phase], ['C8', 'ready']);
  const { deployments, running } = simulated.settings;
  assert.deepEqual([deployments, running, simulated.connections], [['hybrid-2x1-40'], false, {}]);
  assert.equal((await measured(tour)).answer, 1);
});

test('a step without its topologies names the command that brings them', async () => {
  const { tour, simulated } = tourOn(['hybrid', 'threads']);
  await tour.enter('C3');
  assert.equal(tour.state?.phase, 'ready');
  assert.match(tour.state?.failure ?? '', /sync is not there.* COMPOSE_PROFILES=sync,threads,hybrid /);
  assert.deepEqual(simulated.settings.deployments, ['hybrid-2x1-40']);
  assert.throws(() => tour.measure(), { name: 'Refusal', status: 409 });
  await tour.enter('C8');
  assert.equal((await measured(tour)).answer, 1);
});

test('a viewer who changes the load ends the measurement and keeps the load', async () => {
  const { tour, simulated } = tourOn();
  await tour.enter('C3');
  tour.measure();
  await until(tour, state => (state?.progress ?? 0) > 0.3);
  simulated.director.choose(chosenBefore);
  await until(tour, state => state?.phase === 'ready');
  assert.match(tour.state?.failure ?? '', /viewer changed the load/);
  assert.deepEqual(simulated.settings, chosenBefore);
});

test('a step fails without a generator, and can be measured again', async () => {
  const { tour, simulated } = tourOn();
  await tour.enter('C4');
  simulated.rest = 'no-generator';
  tour.measure();
  await until(tour, state => state?.phase === 'ready');
  assert.match(tour.state?.failure ?? '', /^k6 does not ask for its orders/);
  simulated.rest = undefined;
  assert.equal((await measured(tour)).answer, 1);
  assert.equal(tour.state?.failure, undefined);
});

test('a step whose requests fail shows no figures', async () => {
  const { tour } = tourOn(undefined, { fails: true });
  await tour.enter('C8');
  tour.measure();
  await until(tour, state => state?.phase === 'ready');
  assert.match(tour.state?.failure ?? '', /requests to hybrid failed/);
  assert.equal(tour.state?.outcome, undefined);
});

test('nothing is measured before the tour begins, or twice at once', async () => {
  const { tour } = tourOn();
  assert.throws(() => tour.measure(), { name: 'Refusal', status: 409 });
  await tour.enter('C1');
  const finished = measured(tour);
  assert.throws(() => tour.measure(), { name: 'Refusal', status: 409 });
  await finished;
});

test('requests that nginx did not log show in the counts and in the sentence', async () => {
  const { tour } = tourOn(undefined, { unlogged: 10 });
  await tour.enter('C8');
  const { counts, sentence } = await measured(tour);
  const [nginx = 0, k6 = 0] = counts.map(({ values }) => values[0]?.value);
  assert.ok(k6 > 1000 && Math.abs(nginx / k6 - 0.9) < 0.01, `${nginx} of ${k6}`);
  assert.match(sentence, new RegExp(`hybrid: nginx ${nginx}, k6 ${k6}`));
});

test('other programs on the CPUs are mentioned, and many of them leave a comparison of CPUs undecided', () => {
  const complete = (step: TourStep, disturbance: number): [TourAnswer, boolean] => {
    const found = { figures: {}, sentence: 'It is so.', answer: 1 };
    const counts = [{ topology: 'sync', nginx: 1000, k6: 1040 }];
    const { answer, sentence } = completeOutcome(step, found, { disturbance, counts }, () => undefined);
    return [answer, sentence.includes('other programs')];
  };
  assert.deepEqual(complete('C3', 0.1), [1, false]);
  assert.deepEqual(complete('C3', 0.4), [1, true]);
  assert.deepEqual(complete('C3', 0.9), ['undecided', true]);
  assert.deepEqual(complete('C4', 0.9), [1, true]);
});

test('a reading counts completions in whole half-seconds from the last one back, as far as they are known', () => {
  const read = (endedAt: readonly number[], to: number, completed = endedAt.length) => {
    const completions = endedAt.map((at, index) => ({ endedAt: at, responseTime: 9 - index }));
    const nothing = { failed: 0, responseTime: emptyHistogram(0.25) };
    return readTopology(
      'sync',
      {
        duration: 2,
        nginx: { ...nothing, completed, completions, app: 0, databaseWait: 0.02 * completed },
        k6: { ...nothing, sent: completed, completed },
        utilisation: { workers: 0, databaseConnections: 0, cpu: 0 },
        mostInProgress: { 'sync-1.1': 1, 'sync-2.1': 2 },
        ...{ machine: 0.8, hostCpus: 2, cpuSeconds: 1.2, memory: 100e6 },
      },
      10,
      to,
    );
  };
  // From 10.0 to 11.2 the whole half-seconds are 10.2 to 10.7 and 10.7 to 11.2.
  const { throughputs, ...rest } = read([9.9, 10.1, 10.2, 10.3, 10.69, 10.7, 11.19, 11.2, 11.4], 11.2);
  assert.deepEqual(throughputs, [6, 4]);
  assert.deepEqual(rest.responseTimes, [3, 4, 5, 6, 7, 8]);
  assert.deepEqual([rest.databaseWait, rest.cpus, rest.mostInProgress], [0.02, 0.6, [1, 2]]);
  assert.deepEqual(read([11.1, 11.6, 11.7], 12, 30_000).throughputs, [4]);
});

function tourOn(names?: readonly string[], hybrid: Partial<Behaviour> = {}): { tour: Tour; simulated: SimulatedStack } {
  const simulated = new SimulatedStack(names, { hybrid });
  const { director, observation, stack, clock, cpus } = simulated;
  return { simulated, tour: createTour(director, observation, stack, { clock, cpus }) };
}

async function measured(tour: Tour): Promise<TourOutcome> {
  tour.measure();
  await until(tour, state => state?.phase !== 'measuring');
  const { outcome, failure } = tour.state ?? {};
  assert.ok(outcome !== undefined, failure);
  return outcome;
}

/** Resolves when the tour's state is like this; fails if the measurement ends before. */
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
