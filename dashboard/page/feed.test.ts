import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { type Connection, openFeed } from './feed.ts';
import { hello } from './testdata/state.ts';

/** Lets everything happen that needs no time. */
const settle = () => new Promise<void>(resolve => setImmediate(resolve));

class FakeSource extends EventTarget {
  static opened: FakeSource[] = [];
  readonly address: string;
  onerror: (() => void) | null = null;
  isOpen = true;

  constructor(address: string) {
    super();
    this.address = address;
    FakeSource.opened.push(this);
  }

  say(name: string, data: unknown): void {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }

  close(): void {
    this.isOpen = false;
  }
}

/** A feed of which everything that it tells is written down. */
function follow(t: TestContext, prepare: () => Promise<string | undefined> = async () => '/api/events') {
  mock.timers.enable({ apis: ['setTimeout'] });
  FakeSource.opened = [];
  Object.assign(globalThis, { EventSource: FakeSource });
  t.after(() => {
    mock.timers.reset();
    Reflect.deleteProperty(globalThis, 'EventSource');
  });
  const told: string[] = [];
  const tell = (name: string) => () => told.push(name);
  const connections: Connection[] = [];
  const feed = openFeed({
    prepare,
    connection: connection => connections.push(connection),
    events: {
      hello: tell('hello'),
      frame: tell('frame'),
      second: tell('second'),
      state: tell('state'),
      mark: tell('mark'),
    },
  });
  return { feed, told, connections };
}

test('the feed tells each event by its name', async t => {
  const { told, connections } = follow(t);
  await settle();
  const [source] = FakeSource.opened;
  source?.say('hello', hello);
  source?.say('frame', {});
  source?.say('mark', {});
  assert.deepEqual(told, ['hello', 'frame', 'mark']);
  assert.deepEqual(connections, ['open']);
});

test('a source that fails is replaced a second later, by one', async t => {
  const { connections } = follow(t);
  await settle();
  const [source] = FakeSource.opened;
  source?.say('hello', hello);
  source?.onerror?.();
  source?.onerror?.();
  assert.equal(source?.isOpen, false);
  mock.timers.tick(999);
  await settle();
  assert.equal(FakeSource.opened.length, 1);
  mock.timers.tick(1);
  await settle();
  assert.equal(FakeSource.opened.length, 2);
  FakeSource.opened[1]?.say('hello', hello);
  assert.deepEqual(connections, ['open', 'lost', 'open']);
});

test('a connection on which nothing comes any more is given up', async t => {
  const { connections } = follow(t);
  await settle();
  const [source] = FakeSource.opened;
  source?.say('hello', hello);
  mock.timers.tick(7000);
  source?.say('frame', {});
  mock.timers.tick(7000);
  assert.deepEqual(connections, ['open']);
  mock.timers.tick(1000);
  assert.deepEqual(connections, ['open', 'lost']);
});

test('while the server is away it is asked again every second', async t => {
  let asked = 0;
  const { connections } = follow(t, async () => {
    asked += 1;
    if (asked < 4) throw new TypeError('Failed to fetch');
    return '/api/events?client=before';
  });
  for (let second = 0; second < 3; second += 1) {
    await settle();
    mock.timers.tick(1000);
  }
  await settle();
  assert.equal(asked, 4);
  assert.deepEqual(
    FakeSource.opened.map(({ address }) => address),
    ['/api/events?client=before'],
  );
  assert.deepEqual(connections, ['lost', 'lost', 'lost']);
});

test('a feed that may not listen waits until it is resumed', async t => {
  let granted = false;
  const { feed, connections } = follow(t, async () => (granted ? '/api/events' : undefined));
  await settle();
  mock.timers.tick(60_000);
  await settle();
  assert.equal(FakeSource.opened.length, 0);
  granted = true;
  feed.resume();
  await settle();
  assert.equal(FakeSource.opened.length, 1);
  assert.deepEqual(connections, []);
});
