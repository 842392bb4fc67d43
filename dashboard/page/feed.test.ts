import assert from 'node:assert/strict';
import { mock, type TestContext, test } from 'node:test';
import { openFeed } from './feed.ts';
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

/** A feed, and what it told. */
function follow(t: TestContext, prepare: () => Promise<string | undefined> = async () => '/api/events') {
  mock.timers.enable({ apis: ['setTimeout'] });
  FakeSource.opened = [];
  Object.assign(globalThis, { EventSource: FakeSource });
  t.after(() => {
    mock.timers.reset();
    Reflect.deleteProperty(globalThis, 'EventSource');
  });
  const told: string[] = [];
  const tell = (name: string) => () => void told.push(name);
  const names = { hello: tell('hello'), frame: tell('frame'), second: tell('second') };
  const events = { ...names, state: tell('state'), mark: tell('mark') };
  const connect = openFeed({ ...events, prepare, connection: connection => void told.push(connection) });
  return { connect, told };
}

async function tick(milliseconds: number): Promise<void> {
  mock.timers.tick(milliseconds);
  await settle();
}

test('each event is told, until nothing comes for 8 s', async t => {
  const { told } = follow(t);
  await settle();
  const [source] = FakeSource.opened;
  for (const name of ['hello', 'mark']) source?.say(name, hello);
  await tick(7000);
  source?.say('frame', {});
  await tick(7000);
  assert.deepEqual(told, ['open', 'hello', 'mark', 'frame']);
  await tick(1000);
  assert.equal(told.at(-1), 'lost');
});

test('one new source takes the place of a failed one, a second later', async t => {
  const { told } = follow(t);
  await settle();
  const [source] = FakeSource.opened;
  source?.say('hello', hello);
  source?.onerror?.();
  source?.onerror?.();
  assert.equal(source?.isOpen, false);
  await tick(999);
  assert.equal(FakeSource.opened.length, 1);
  await tick(1);
  assert.equal(FakeSource.opened.length, 2);
  FakeSource.opened[1]?.say('hello', hello);
  assert.deepEqual(told, ['open', 'hello', 'lost', 'open', 'hello']);
});

test('while the server is away the feed tries every second', async t => {
  let attempts = 0;
  const { told } = follow(t, async () => {
    attempts += 1;
    if (attempts < 4) throw new TypeError('Failed to fetch');
    return '/api/events?again';
  });
  await settle();
  for (let second = 0; second < 3; second += 1) await tick(1000);
  assert.deepEqual([attempts, FakeSource.opened[0]?.address], [4, '/api/events?again']);
  assert.deepEqual(told, ['lost', 'lost', 'lost']);
});

test('a feed that may not listen waits until it is told to connect', async t => {
  let isGranted = false;
  const { connect } = follow(t, async () => (isGranted ? '/api/events' : undefined));
  await settle();
  await tick(60_000);
  assert.equal(FakeSource.opened.length, 0);
  isGranted = true;
  connect();
  await settle();
  assert.equal(FakeSource.opened.length, 1);
});
