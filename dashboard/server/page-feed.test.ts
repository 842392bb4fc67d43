import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Mark, ScaledService, Second, TourState } from '../protocol.ts';
import type { Observation } from './observation/observation.ts';
import { PageFeed, type Tour } from './page-feed.ts';
import { Stage, secondWith, stackWith } from './testdata/stage.ts';
import { serve, until, type Watching } from './testdata/watching.ts';
import { noteTour } from './testdata/web.ts';

/** A feed of a stage, with what its parts were asked. */
class Fed {
  readonly stage = new Stage(['sync', 'hybrid'], 0);
  frames = 0;
  readonly looked: (readonly string[])[] = [];
  readonly marked: Mark[] = [];
  readonly shown: string[] = [];
  abandoned = 0;
  readonly observation: Observation = {
    frame: () => ({ now: ++this.frames, arrivals: [], completions: [] }),
    second: () => secondWith(this.stage.time, { sync: { offeredLoad: 5.123456789 } }),
    totals: () => ({ k6: {}, nginx: {} }),
    look: deployments => void this.looked.push(deployments),
    open: () => assert.fail('no window is opened here'),
    onMark: () => {},
  };
  readonly tour: Omit<Tour, 'state'> & { state: TourState | undefined } = noteTour([]);
  readonly scale = { scaled: [] as readonly ScaledService[], onChange: () => {} };
  readonly feed = new PageFeed({
    ...{ deployments: stackWith('sync', 'hybrid').deployments, cpus: 2, director: this.stage.director },
    ...{ tour: this.tour, observation: this.observation, scale: this.scale },
    onMark: mark => void this.marked.push(mark),
    onLook: id => void this.shown.push(id),
    onAbandoned: () => {
      this.abandoned += 1;
    },
    clock: () => this.stage.time,
  });
  readonly #serving = serve(this.feed.events);

  async watch(path?: string): Promise<Watching> {
    const watching = await (await this.#serving).watch(path);
    watching.read();
    await until(() => watching.received.length > 0);
    return watching;
  }

  async leave(page: Watching): Promise<void> {
    const { watchers } = this.feed.events;
    page.leave();
    await until(() => this.feed.events.watchers === watchers - 1);
  }

  pass(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += 1) this.skip(1);
  }

  /** Lets time pass in one step, so that pages have no seconds to read. */
  skip(seconds: number): void {
    this.stage.time += seconds;
    this.feed.second();
  }

  async close(): Promise<void> {
    this.feed.events.close();
    (await this.#serving).close();
  }
}

const told = ({ received }: Watching, name: string) =>
  received.filter(({ event }) => event === name).map(({ data }) => JSON.parse(data));

let fed: Fed;
beforeEach(() => {
  fed = new Fed();
});
afterEach(() => fed.close());

test('a page gets what there is, and starts the load', async () => {
  fed.pass(2);
  const [hello] = told(await fed.watch(), 'hello');
  assert.deepEqual([hello.started, hello.now, hello.cpus, hello.stage[1].id], [1000, 1002, 2, 'hybrid']);
  assert.deepEqual([hello.state.rest, hello.state.scaled], [undefined, undefined]);
  assert.deepEqual(
    hello.seconds.map(({ time, deployments }: Second) => [time, deployments.sync?.offeredLoad]),
    [
      [1001, 5.1235],
      [1002, 5.1235],
    ],
  );
  assert.equal(fed.stage.orders?.stop, false);
});

test('several changes at once are sent to all pages as one state', async () => {
  const pages = [await fed.watch(), await fed.watch()];
  await until(() => pages.some(page => told(page, 'state').length === 1));
  for (const { received } of pages) received.length = 0;
  fed.stage.director.choose({ ...fed.stage.director.state.settings, deployments: ['sync'] });
  fed.tour.state = { step: 'C1', text: { look: '', question: '', guesses: [], why: '' }, phase: 'ready' };
  fed.tour.onChange();
  fed.scale.scaled = [{ service: 'hybrid', told: 'hybrid has 3 containers.', command: 'docker compose up' }];
  fed.scale.onChange();
  for (const page of pages) {
    await until(() => told(page, 'state').length > 0);
    const [state, ...others] = told(page, 'state');
    assert.deepEqual([state.settings.deployments, state.tour.step], [['sync'], 'C1']);
    assert.deepEqual([state.scaled, others], [fed.scale.scaled, []]);
  }
});

test('the stage is observed while a page is open and in use', async () => {
  const page = await fed.watch();
  await until(() => fed.looked.length === 2);
  fed.skip(600);
  await until(() => fed.looked.length === 3);
  fed.stage.director.touch();
  await until(() => fed.looked.length === 4);
  await fed.leave(page);
  fed.skip(10);
  await until(() => fed.looked.length === 5);
  assert.deepEqual(fed.looked, [[], ['sync', 'hybrid'], [], ['sync', 'hybrid'], []]);
  assert.deepEqual(fed.shown, ['sync', 'hybrid', 'sync', 'hybrid']);
});

test('a page that connects again does not start a load that rests', async () => {
  const page = await fed.watch();
  fed.skip(590);
  await fed.leave(page);
  fed.skip(20);
  await fed.watch('/?again');
  assert.equal(fed.stage.director.state.rest, 'untouched');
});

test('a stage is abandoned once when no page has been open for two minutes', async () => {
  fed.skip(200);
  await fed.leave(await fed.watch());
  fed.skip(119);
  const again = await fed.watch();
  fed.skip(200);
  await fed.leave(again);
  fed.skip(119);
  assert.equal(fed.abandoned, 0);
  fed.skip(200);
  assert.equal(fed.abandoned, 1);
});

test('frames are made while a page is open', async () => {
  fed.feed.frame();
  assert.equal(fed.frames, 0);
  const page = await fed.watch();
  fed.feed.frame();
  await until(() => told(page, 'frame').length === 1);
  assert.equal(told(page, 'frame')[0].now, 2, 'what happened before the page came is dropped');
});

test('marks are sent at once, and to pages that come later', async () => {
  const page = await fed.watch();
  fed.observation.onMark({ time: 1000, kind: 'worker-ended', id: 'sync', worker: 'sync-1.1' });
  await fed.stage.director.takeDatabaseAway();
  await until(() => told(page, 'mark').length === 2);
  for (const marks of [told(page, 'mark'), fed.marked, told(await fed.watch(), 'hello')[0].marks]) {
    assert.deepEqual(
      marks.map(({ kind }: Mark) => kind),
      ['worker-ended', 'database-away'],
    );
  }
});

test('the history of a hello is limited', async () => {
  for (let mark = 0; mark < 600; mark += 1) fed.observation.onMark({ time: 1000, kind: 'refused', count: mark });
  fed.pass(110);
  const some = told(await fed.watch(), 'hello')[0];
  assert.deepEqual([some.seconds.length, some.marks.length, some.marks[0].count], [110, 500, 100]);
  fed.pass(30);
  const later = told(await fed.watch(), 'hello')[0];
  assert.deepEqual([later.seconds.length, later.seconds[0].time, later.marks.length], [120, 1021, 0]);
});
