import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CountingServer } from './testdata/counting-server.ts';
import { LiveDesk } from './testdata/live-desk.ts';
import { LiveLedger } from './testdata/live-ledger.ts';
import { runScript, startScript } from './testdata/run.ts';

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

describe('when nobody answers', { concurrency: true }, () => {
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

  test('k6 ends when it was never answered', async () => {
    const begun = performance.now();
    const { output, exitCode } = await runScript('live.ts', { ORDERS: 'http://127.0.0.1:1/' });
    const took = (performance.now() - begun) / 1000;
    assert.ok(took > 15 && took < 17, `it took ${took} s`);
    assert.equal(exitCode, 108);
    assert.match(output, /http:\/\/127\.0\.0\.1:1\/ has given no orders for 15 s/);
  });
});

test('a live load that is not told whom to ask does not start', async () => {
  const { output, exitCode } = await runScript('live.ts', {});
  assert.notEqual(exitCode, 0);
  assert.match(output, /ORDERS is not set: give the address to ask/);
});
