import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { Frame, Mark, ScaledService, Second, TourState } from '../protocol.ts';
import { Feed } from './feed.ts';
import type { Observation, Tour } from './parts.ts';
import { Stage, secondOf, stackOf } from './testdata/stage.ts';
import { tagOf } from './web/client-tag.ts';
import { Drivers } from './web/drivers.ts';
import { serve, until, type Watching } from './web/testdata/watching.ts';

/** A feed of a stack in which what is seen is made up. */
class Fed {
  readonly stage = new Stage(['sync', 'hybrid'], 0);
  readonly drivers = new Drivers(() => this.stage.time);
  frames = 0;
  readonly looked: (readonly string[])[] = [];
  readonly marked: Mark[] = [];
  readonly shown: string[] = [];
  abandoned = 0;
  readonly observation: Observation = {
    frame: (): Frame => ({ now: ++this.frames, arrivals: [], completions: [] }),
    second: (): Second => secondOf(this.stage.time, { sync: { offeredLoad: 5.123456789 } }),
    totals: () => ({ k6: {}, nginx: {} }),
    look: deployments => void this.looked.push(deployments),
    open: () => {
      throw new Error('no window is opened here');
    },
    onMark: () => {},
  };
  readonly tour: Omit<Tour, 'state'> & { state: TourState | undefined } = {
    state: undefined,
    onChange: () => {},
    enter: async () => {},
    measure: () => {},
    leave: async () => {},
  };
  readonly scale: { scaled: readonly ScaledService[]; onChange: () => void } = { scaled: [], onChange: () => {} };
  readonly feed = new Feed({
    stack: stackOf('sync', 'hybrid'),
    cpus: 2,
    director: this.stage.director,
    tour: this.tour,
    drivers: this.drivers,
    observation: this.observation,
    scale: this.scale,
    onMark: mark => void this.marked.push(mark),
    onLook: id => void this.shown.push(id),
    onAbandoned: () => {
      this.abandoned += 1;
    },
    clock: () => this.stage.time,
  });
  readonly #serving = serve(this.feed.events);

  async watch(id?: string): Promise<Watching> {
    const watching = await (await this.#serving).watch(id);
    watching.read();
    await until(() => watching.received.length > 0);
    return watching;
  }

  /** Lets seconds pass. */
  pass(seconds: number): void {
    for (let passed = 0; passed < seconds; passed += 1) {
      this.stage.time += 1;
      this.feed.second();
    }
  }

  async close(): Promise<void> {
    this.feed.events.close();
    (await this.#serving).close();
  }
}

const told = ({ received }: Watching, name: string) =>
  received.filter(({ event }) => event === name).map(({ data }) => JSON.parse(data));

describe('the feed', () => {
  let fed: Fed;
  afterEach(() => fed.close());

  test('a page is told what there is, and that it watches sets the load in motion', async () => {
    fed = new Fed();
    fed.pass(2);
    const page = await fed.watch();
    const [hello] = told(page, 'hello');
    assert.deepEqual(
      [hello.now, hello.cpus, hello.stage[1].id, hello.stage[1].workers],
      [1002, 2, 'hybrid', ['hybrid-1.1', 'hybrid-2.1']],
    );
    assert.equal(hello.state.rest, undefined);
    assert.equal(hello.seconds[0].deployments.sync.offeredLoad, 5.1235);
    assert.deepEqual(
      hello.seconds.map(({ time }: Second) => time),
      [1001, 1002],
    );
    assert.equal(fed.stage.orders?.stop, false);
  });

  test('what happens within a moment is told as one state', async () => {
    fed = new Fed();
    const page = await fed.watch();
    await until(() => told(page, 'state').length === 1);
    fed.drivers.touch('somebody');
    fed.stage.director.choose({ ...fed.stage.director.state.settings, deployments: ['sync'] });
    fed.tour.state = { step: 'C1', text: { look: '', question: '', guesses: [], why: '' }, phase: 'ready' };
    fed.tour.onChange();
    fed.scale.scaled = [{ service: 'hybrid', told: 'hybrid has 3 containers.', command: 'docker compose up' }];
    fed.scale.onChange();
    await until(() => told(page, 'state').length > 1);
    const [hello] = told(page, 'hello');
    assert.equal(hello.state.scaled, undefined);
    const [, state, ...others] = told(page, 'state');
    assert.deepEqual(state.scaled, fed.scale.scaled);
    assert.deepEqual([state.driver, state.settings.deployments, state.tour.step], [tagOf('somebody'), ['sync'], 'C1']);
    assert.deepEqual(others, []);
  });

  test('only what is on the stage is looked at, and nothing while nobody watches or touches anything', async () => {
    fed = new Fed();
    const page = await fed.watch();
    await until(() => fed.looked.length === 2);
    fed.pass(600);
    await until(() => fed.looked.length === 3);
    fed.stage.director.touch();
    await until(() => fed.looked.length === 4);
    page.leave();
    await until(() => fed.feed.events.watchers === 0);
    fed.pass(10);
    await until(() => fed.looked.length === 5);
    assert.deepEqual(fed.looked, [[], ['sync', 'hybrid'], [], ['sync', 'hybrid'], []]);
    assert.deepEqual(fed.shown, ['sync', 'hybrid', 'sync', 'hybrid'], 'each time that it comes on the stage');
  });

  test('nobody is told the id of who drives, and everybody knows whether it is them', async () => {
    fed = new Fed();
    const [driver, other] = [await fed.watch('client-that-drives'), await fed.watch()];
    fed.drivers.touch('client-that-drives');
    await until(() => told(other, 'state').length > 0 && told(other, 'state').at(-1).driver !== undefined);
    const { driver: tag } = told(other, 'state').at(-1);
    assert.equal(tag, told(driver, 'hello')[0].tag);
    assert.notEqual(tag, told(other, 'hello')[0].tag);
    const everything = JSON.stringify([other.received, told(await fed.watch(), 'hello')]);
    assert.equal(everything.includes('client-that-drives'), false);
  });

  test('the load goes on for who comes, and not for a page that comes back by itself', async () => {
    fed = new Fed();
    const page = await fed.watch('client-that-sleeps');
    fed.pass(590);
    page.leave();
    await until(() => fed.feed.events.watchers === 0);
    fed.pass(20);
    await fed.watch('client-that-sleeps');
    assert.equal(fed.stage.director.state.rest, 'untouched');
    fed.pass(5);
    assert.equal(fed.stage.orders?.stop, true);
  });

  test('a stage is abandoned once when all pages have been gone for two minutes', async () => {
    fed = new Fed();
    fed.pass(200);
    assert.equal(fed.abandoned, 0, 'before anybody came');
    const page = await fed.watch();
    page.leave();
    await until(() => fed.feed.events.watchers === 0);
    fed.pass(119);
    assert.equal(fed.abandoned, 0);
    const again = await fed.watch('client-that-comes-back');
    fed.pass(200);
    again.leave();
    await until(() => fed.feed.events.watchers === 0);
    fed.pass(119);
    assert.equal(fed.abandoned, 0);
    fed.pass(200);
    assert.equal(fed.abandoned, 1);
  });

  test('frames are made for who watches, and for nobody else', async () => {
    fed = new Fed();
    fed.feed.frame();
    assert.equal(fed.frames, 0);
    const page = await fed.watch();
    fed.feed.frame();
    await until(() => told(page, 'frame').length === 1);
    assert.deepEqual(told(page, 'frame'), [{ now: 2, arrivals: [], completions: [] }], 'after one that nobody saw');
  });

  test('marks of all kinds are told at once, and to who comes later', async () => {
    fed = new Fed();
    const page = await fed.watch();
    fed.observation.onMark({ time: 1000, kind: 'worker-ended', id: 'sync', worker: 'sync-1.1' });
    await fed.stage.director.takeDatabaseAway();
    await until(() => told(page, 'mark').length === 2);
    const kinds = (marks: readonly Mark[]) => marks.map(({ kind }) => kind);
    assert.deepEqual(kinds(told(page, 'mark')), ['worker-ended', 'database-away']);
    assert.deepEqual(kinds(fed.marked), ['worker-ended', 'database-away']);
    assert.deepEqual(kinds(told(await fed.watch(), 'hello')[0].marks), ['worker-ended', 'database-away']);
  });

  test('what is told to who comes does not grow for ever', async () => {
    fed = new Fed();
    for (let mark = 0; mark < 600; mark += 1) fed.observation.onMark({ time: 1000, kind: 'refused', count: mark });
    fed.pass(110);
    const some = told(await fed.watch(), 'hello')[0];
    assert.deepEqual([some.seconds.length, some.marks.length, some.marks[0].count], [110, 500, 100]);
    fed.pass(30);
    const later = told(await fed.watch(), 'hello')[0];
    assert.deepEqual([later.seconds.length, later.seconds[0].time, later.marks.length], [120, 1021, 0]);
  });

  test('who has left drives no more after a while, and all are told', async () => {
    fed = new Fed();
    const [driver, other] = [await fed.watch('client-that-drives'), await fed.watch()];
    fed.drivers.touch('client-that-drives');
    driver.leave();
    await until(() => fed.feed.events.watchers === 1);
    fed.pass(5);
    await until(() => told(other, 'state').length > 0 && told(other, 'state').at(-1).driver === undefined);
    assert.equal(fed.drivers.driver, undefined);
  });
});
