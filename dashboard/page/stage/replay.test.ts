import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FALL, HOP, RETURN, TRAVEL } from './dot.ts';
import { arrival, clockAt, completion, hello, START, seen, ToldReplay, type ToldRequest } from './testdata/told.ts';

test('a request is seen to travel, to wait, to be with its worker for just its time there, and to return', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, sentAt: 2, worker: 1, begunAt: 2.5, databaseWait: 0.1, endedAt: 2.7 };
  told.tell(2.6, { arrivals: [arrival(request)] });
  const phases = (moments: readonly number[]) => moments.map(moment => told.see(1, moment)?.phase);
  assert.deepEqual(phases([2 - TRAVEL - 0.01, 2 - TRAVEL + 0.01]), [undefined, 'travelling']);
  told.tell(2.8, { completions: [completion(request)] });
  assert.deepEqual(phases([1.99, 2.01, 2.5 - HOP.most - 0.01]), ['travelling', 'waiting', 'waiting']);
  assert.deepEqual(phases([2.5 - HOP.most + 0.01, 2.49]), ['dispatched', 'dispatched']);
  assert.deepEqual(phases([2.51, 2.59, 2.61, 2.69]), ['computing', 'computing', 'database', 'database']);
  assert.deepEqual(phases([2.71, 2.7 + RETURN - 0.01, 2.7 + RETURN + 0.01]), ['returning', 'returning', undefined]);
});

test('a request that a worker takes at once passes the load balancer, and is with its worker when that begins', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.001, databaseWait: 0.02, endedAt: 2.021 };
  told.tell(2.2, { arrivals: [arrival(request)], completions: [completion(request)] });
  assert.equal(told.see(1, 2.001 - HOP.least - 0.001)?.phase, 'travelling');
  assert.equal(told.see(1, 2.001 - HOP.least + 0.001)?.phase, 'dispatched');
  assert.equal(told.see(1, 2.002)?.phase, 'database');
  assert.equal(told.see(1, 2.022)?.phase, 'returning');
});

test('until it is known how a request ended its dot waits at the pool', () => {
  const told = new ToldReplay();
  told.tell(3, { arrivals: [arrival({ dot: 1, sentAt: 2.5 })] });
  for (const moment of [2.6, 5, 20, 60]) assert.equal(told.see(1, moment)?.phase, 'waiting');
});

test('a dot whose end is told late moves on at once, and comes to its worker and back no earlier than it can', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.1, endedAt: 2.2 };
  told.tell(2.5, { arrivals: [arrival(request)] });
  assert.equal(told.see(1, 3.9)?.phase, 'waiting');
  told.tell(5, { completions: [completion(request)] });
  assert.deepEqual(
    [4.01, 4.09, 4.11].map(moment => told.see(1, moment)?.phase),
    ['dispatched', 'dispatched', 'returning'],
  );
});

test('a dot never goes back, and never returns before it was answered, whenever its end is told', () => {
  const order = ['travelling', 'waiting', 'dispatched', 'computing', 'database', 'returning'];
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.3, databaseWait: 0.2, endedAt: 2.6 };
  for (let toldAt = 2.6; toldAt < 5; toldAt += 0.037) {
    const told = new ToldReplay();
    told.tell(2.4, { arrivals: [arrival(request)] });
    let before = { rank: -1, progress: 0 };
    let isTold = false;
    for (let moment = 1.5; moment < 6; moment += 0.016) {
      if (!isTold && moment + 1 >= toldAt) {
        told.tell(moment + 1, { completions: [completion(request)] });
        isTold = true;
      }
      const dot = told.see(1, moment);
      if (dot === undefined) continue;
      const now = { rank: order.indexOf(dot.phase), progress: dot.progress };
      assert.ok(now.rank > before.rank || (now.rank === before.rank && now.progress >= before.progress), `${toldAt}`);
      if (dot.phase === 'returning') assert.ok(moment >= 2.6, `returns at ${moment}`);
      before = now;
    }
    assert.equal(before.rank, order.length - 1);
  }
});

test('an end that is told before its beginning waits for it', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.3, endedAt: 2.4 };
  told.tell(2.5, { completions: [completion(request)] });
  told.tell(2.7, { arrivals: [arrival(request)] });
  assert.equal(told.see(1, 2.35)?.phase, 'computing');
});

test('a dot’s age counts from the send until its answer', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.5, endedAt: 2.75 };
  told.tell(2.8, { arrivals: [arrival(request)], completions: [completion(request)] });
  const ages = [1.9, 2.25, 2.6, 3].map(moment => told.see(1, moment)?.age.toFixed(3));
  assert.deepEqual(ages, ['0.000', '0.250', '0.600', '0.750']);
});

test('those that wait have their turns in the order in which they came, deployment by deployment', () => {
  const told = new ToldReplay();
  const sent: ToldRequest[] = [
    { dot: 1, sentAt: 2.02 },
    { dot: 2, sentAt: 2.01 },
    { dot: 3, sentAt: 2, id: 'threads' },
    { dot: 4, sentAt: 2.03, begunAt: 2.4, endedAt: 9 },
    { dot: 5, sentAt: 2.03 },
  ];
  told.tell(2.1, { arrivals: sent.map(arrival) });
  const turns = () => [1, 2, 3, 4, 5].map(dot => told.see(dot, moment)?.place);
  let moment = 2.2;
  assert.deepEqual(turns(), [1, 0, 0, 2, 3]);
  told.tell(3.3, { completions: [completion({ dot: 2, sentAt: 2.01, begunAt: 2.3, endedAt: 2.5 })] });
  moment = 2.35;
  assert.equal(told.see(2, moment)?.phase, 'dispatched');
  assert.equal(told.see(1, moment)?.place, 0);
});

test('what no worker answered falls out of the picture, failed', () => {
  for (const status of [503, 502, 0]) {
    const told = new ToldReplay();
    const request: ToldRequest = { dot: 1, sentAt: 2, worker: -1, endedAt: 2.05, status };
    told.tell(2.3, { arrivals: [arrival(request)], completions: [completion(request)] });
    assert.equal(told.see(1, 2.04)?.phase, 'waiting');
    const { phase, failed, worker } = told.see(1, 2.06) ?? {};
    assert.deepEqual({ phase, failed, worker }, { phase: 'falling', failed: true, worker: -1 });
    assert.equal(told.see(1, 2.05 + FALL + 0.01), undefined);
  }
});

test('an error that a worker answered returns from it, failed', () => {
  const told = new ToldReplay();
  const request: ToldRequest = { dot: 1, sentAt: 2, begunAt: 2.1, endedAt: 2.2, status: 503 };
  told.tell(2.3, { arrivals: [arrival(request)], completions: [completion(request)] });
  const { phase, failed, worker } = told.see(1, 2.3) ?? {};
  assert.deepEqual({ phase, failed, worker }, { phase: 'returning', failed: true, worker: 0 });
});

test('workers are shown as they were seen a second ago, and as before where nothing is said', () => {
  const told = new ToldReplay();
  told.tell(2, { workers: { sync: [seen({ inProgress: 1 })], hybrid: [seen({ inProgress: 20 })] } });
  told.tell(2.2, { workers: { sync: [seen({ inProgress: 0 })] } });
  assert.equal(told.show(1.9).workers.sync, undefined);
  assert.equal(told.show(2.1).workers.sync?.[0]?.inProgress, 1);
  assert.equal(told.show(2.3).workers.sync?.[0]?.inProgress, 0);
  assert.equal(told.show(2.3).workers.hybrid?.[0]?.inProgress, 20);
});

test('after another hello nothing that was known before is shown', () => {
  const told = new ToldReplay();
  told.tell(2.5, { arrivals: [arrival({ dot: 1, sentAt: 2.4 })], workers: { sync: [seen()] } });
  assert.equal(told.show(2.6).dots.length, 1);
  told.replay.hello(hello(START + 3.7), clockAt(3.7));
  const { dots, workers } = told.show(2.8);
  assert.deepEqual([dots.length, workers], [0, {}]);
});

test('a page that nobody looked at for a while shows what happens now, and nothing of what has passed', () => {
  const told = new ToldReplay();
  let dot = 0;
  for (let now = 2; now < 60; now += 0.2) {
    const requests = Array.from({ length: 100 }, () => {
      dot++;
      return { dot, sentAt: now - 0.4, begunAt: now - 0.35, endedAt: now - 0.3 };
    });
    told.tell(now, { arrivals: requests.map(arrival), completions: requests.map(completion) });
  }
  const { dots } = told.show(59);
  // What travels, is with a worker or returns: what half a second and the way there hold, of 500 a second.
  assert.ok(dots.length > 100 && dots.length < 500, `${dots.length} dots`);
  assert.ok(dots.every(({ sentAt }) => sentAt > START + 58));
});

test('what is never answered is given up after a minute, and more than can be followed is not', () => {
  const told = new ToldReplay();
  let dot = 0;
  for (let now = 2; now < 50; now += 1) {
    const requests = Array.from({ length: 500 }, () => {
      dot++;
      return { dot, sentAt: now };
    });
    told.tell(now, { arrivals: requests.map(arrival) });
  }
  const { dots } = told.show(49.5);
  assert.equal(dots.length, 20_000);
  told.tell(111, {});
  assert.equal(told.show(111).dots.length, 0);
});
