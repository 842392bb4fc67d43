import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LiveReport } from '../model/wire.ts';
import { CountingServer } from './testdata/counting-server.ts';
import { LiveDesk } from './testdata/live-desk.ts';
import { LiveLedger } from './testdata/live-ledger.ts';
import { startScript } from './testdata/run.ts';

test('a live load arrives as often as it is told, and another rate is in force within two seconds', async () => {
  await using server = await CountingServer.start();
  await using desk = await LiveDesk.open({ targets: [server.target], arrivalRate: 300 });
  await using _k6 = startScript('live.ts', { ORDERS: desk.url, SEED: 1 });
  const begun = await desk.obeyed();
  assertArrivals(begun, await desk.after(2, begun), 300);
  desk.order({ arrivalRate: 1000 });
  const ordered = performance.now();
  const changed = await desk.obeyed();
  assert.ok(performance.now() - ordered < 2000);
  assertArrivals(changed, await desk.after(2, changed), 1000);
});

test('k6 counts at each target what its server counts, and tells the dots that arrive there', async () => {
  await using well = await CountingServer.start({ name: 'well', delayMs: 20 });
  await using ill = await CountingServer.start({ name: 'ill', status: 503 });
  const targets = [well.target, ill.target];
  await using desk = await LiveDesk.open({ targets, arrivalRate: 200, requestsPerDot: 10 });
  const ledger = new LiveLedger(desk);
  await using _k6 = startScript('live.ts', { ORDERS: desk.url });
  await desk.after(1, await desk.obeyed());
  desk.order({ objective: 0.1, requestsPerDot: 1 });
  await desk.after(0.5, await desk.obeyed());
  desk.order({ targets: [well.target] });
  const alone = await desk.obeyed();
  const later = await desk.after(0.5, alone);
  assert.equal(sentTo('ill', later), sentTo('ill', alone));
  assert.ok(sentTo('well', later) > sentTo('well', alone));
  await desk.drained();

  for (const server of [well, ill]) {
    const { latest, responseTime, dots, endedDots } = ledger.of(server.target.name);
    const failed = server === ill ? server.requests : 0;
    assert.ok(server.requests > 150, `${server.requests} requests came`);
    assert.deepEqual(
      [latest?.sent, latest?.completed, latest?.failed, responseTime.count],
      [server.requests, server.requests, failed, server.requests],
    );
    assert.ok(server.dots.length > 80 && server.dots.length < server.requests, `${server.dots.length} dots came`);
    assert.deepEqual(dots.toSorted(), server.dots.toSorted());
    assert.deepEqual(endedDots.map(([dot]) => dot).toSorted(), server.dots.toSorted());
    assert.ok(endedDots.every(([, , error]) => error === (server === ill ? 'status-503' : undefined)));
    const now = Date.now() / 1000;
    assert.ok(endedDots.every(([, endedAt]) => endedAt > now - 20 && endedAt <= now));
  }
});

test('one of so many requests is a dot, and so it is of each burst, the first of which is one', async () => {
  await using server = await CountingServer.start();
  await using desk = await LiveDesk.open({ targets: [server.target], requestsPerDot: 10 });
  await using _k6 = startScript('live.ts', { ORDERS: desk.url });
  await desk.obeyed();
  const bursts = [1, 25].map((requests, index) => ({ number: index + 1, target: 'target', requests }));
  desk.order({ bursts: [...bursts, { number: 3, target: 'nobody', requests: 25 }] });
  await desk.report(({ completed }) => completed === 26);
  desk.order({ arrivalRate: 300 });
  await desk.report(({ sent }) => sent > 226);
  await desk.drained();
  assert.equal(server.dots.length, 1 + 3 + Math.ceil((server.requests - 26) / 10));
});

test('a burst is sent once however long it is named, and not when a stop is', async () => {
  await using server = await CountingServer.start({ delayMs: 50 });
  const burst = { number: 7, target: 'target', requests: 40 };
  await using desk = await LiveDesk.open({ targets: [server.target], bursts: [burst] });
  await using _k6 = startScript('live.ts', { ORDERS: desk.url });
  await desk.report(({ completed }) => completed >= 40);
  const request = { weight: 1, method: 'POST', path: '/orders', body: '{}' } as const;
  desk.order({ bursts: [burst, { ...burst, number: 8, requests: 30, request }] });
  await desk.report(({ completed }) => completed >= 70);
  desk.order({ stop: true, bursts: [{ ...burst, number: 9 }] });
  await desk.obeyed();
  desk.order({ stop: false });
  await desk.after(0.5, await desk.obeyed());
  assert.deepEqual([server.requests, server.posted, server.dots.length], [70, 30, 70]);
});

test('users come and go while the load runs', async () => {
  await using server = await CountingServer.start({ delayMs: 30 });
  await using desk = await LiveDesk.open({ targets: [server.target], users: 4 });
  const ledger = new LiveLedger(desk);
  await using _k6 = startScript('live.ts', { ORDERS: desk.url, SEED: 1 });
  const inProgress = (requests: number) => desk.report(report => report.inProgress === requests);
  await inProgress(4);
  for (const users of [20, 3]) {
    desk.order({ users });
    await inProgress(users);
  }
  desk.order({ users: 0 });
  const none = await inProgress(0);
  assert.equal((await desk.after(0.5, none)).sent, server.requests);

  desk.order({ users: 20, thinkTime: 0.1 });
  const thinking = await desk.obeyed();
  const before = ledger.of('target').responseTime;
  const end = await desk.after(3, thinking);
  const { responseTime } = ledger.of('target');
  const meanResponseTime = (responseTime.sum - before.sum) / (responseTime.count - before.count);
  // The interactive response time law: N = X × (R + Z), here with a standard error of 3 %.
  const present = ((end.completed - thinking.completed) / (end.time - thinking.time)) * (meanResponseTime + 0.1);
  assert.ok(Math.abs(present - 20) < 3, `${present} users are there`);
});

test('what is more than may be in progress is never sent', async () => {
  await using server = await CountingServer.start({ delayMs: 100_000 });
  await using desk = await LiveDesk.open({ targets: [server.target], timeLimit: 60 });
  await using _k6 = startScript('live.ts', { ORDERS: desk.url });
  await desk.obeyed();
  desk.order({ bursts: [{ number: 1, target: 'target', requests: 4100 }] });
  const { targets } = await desk.report(({ targets }) => (targets[0]?.neverSent ?? 0) >= 100, 20);
  assert.deepEqual([targets[0]?.inProgress, targets[0]?.neverSent], [4000, 100]);
});

test('an answer that is lost neither doubles nor loses what was told', async () => {
  await using server = await CountingServer.start({ delayMs: 10 });
  await using desk = await LiveDesk.open({ targets: [server.target], arrivalRate: 200 });
  const ledger = new LiveLedger(desk);
  await using _k6 = startScript('live.ts', { ORDERS: desk.url });
  for (let losses = 0; losses < 3; losses++) {
    await desk.report(({ targets }) => (targets[0]?.dots.length ?? 0) > 0);
    desk.answering = false;
    const lost = await desk.report();
    for (let times = 0; times < 2; times++) assert.deepEqual(await desk.report(), lost);
    desk.answering = true;
    await desk.report(({ number }) => number === lost.number + 1);
  }
  await desk.drained();
  const { latest, responseTime, dots, endedDots } = ledger.of('target');
  assert.ok(server.requests > 200, `${server.requests} requests came`);
  assert.deepEqual([latest?.sent, responseTime.count], [server.requests, server.requests]);
  assert.deepEqual(dots.toSorted(), server.dots.toSorted());
  assert.deepEqual(endedDots.map(([dot]) => dot).toSorted(), server.dots.toSorted());
});

describe('without answers', { concurrency: true }, () => {
  test('nothing is sent after 5 s, and k6 ends after 15 s', async () => {
    await using server = await CountingServer.start({ delayMs: 5 });
    await using desk = await LiveDesk.open({ targets: [server.target], arrivalRate: 100, users: 2, thinkTime: 0.05 });
    await using k6 = startScript('live.ts', { ORDERS: desk.url });
    await desk.report(({ sent }) => sent > 50);
    desk.answering = false;
    const silentSince = performance.now();
    let asked = 0;
    desk.onReport = () => asked++;
    const { output, exitCode } = await k6.ended;
    const took = (performance.now() - silentSince) / 1000;
    const sentFor = (server.lastArrival - silentSince) / 1000;
    assert.ok(sentFor > 4.4 && sentFor < 5.6, `it sent for ${sentFor} s`);
    assert.ok(took > 14.4 && took < 16.5, `it ended after ${took} s`);
    assert.ok(asked > 30, `it asked ${asked} times`);
    assert.equal(exitCode, 108);
    assert.match(output, /has given no orders for 15 s/);
  });

  test('it sends again as soon as it is answered again', async () => {
    await using server = await CountingServer.start();
    await using desk = await LiveDesk.open({ targets: [server.target], arrivalRate: 100 });
    await using _k6 = startScript('live.ts', { ORDERS: desk.url });
    const before = await desk.report(({ sent }) => sent > 50);
    desk.answering = false;
    const silentSince = performance.now();
    await desk.report(() => performance.now() - silentSince > 8000);
    const sentInSilence = server.requests - before.sent;
    assert.ok(sentInSilence > 350 && sentInSilence < 700, `${sentInSilence} were sent in the silence`);
    desk.answering = true;
    const again = await desk.report(({ sent }) => sent > before.sent + sentInSilence + 50);
    assert.equal(again.started, before.started);
  });
});

function sentTo(name: string, { targets }: LiveReport): number {
  return targets.find(target => target.name === name)?.sent ?? Number.NaN;
}

/** Within three standard deviations of a Poisson process. */
function assertArrivals(from: LiveReport, to: LiveReport, arrivalRate: number): void {
  const due = arrivalRate * (to.time - from.time);
  const sent = to.sent - from.sent;
  assert.ok(Math.abs(sent - due) <= 3 * Math.sqrt(due), `${sent} were sent instead of ${due} at ${arrivalRate}/s`);
}
