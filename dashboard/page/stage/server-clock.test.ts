import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerClock } from './server-clock.ts';

test('before anything was heard the server’s time is not known', () => {
  assert.equal(new ServerClock().at(5), undefined);
});

test('of messages that were under way for different times the quickest tells the difference between the clocks', () => {
  const clock = new ServerClock();
  const delays = [0.08, 0.012, 0.3, 0.05, 0.02];
  delays.forEach((delay, index) => {
    clock.hear(1000 + index, 50 + index + delay);
  });
  assert.ok(Math.abs((clock.at(60) ?? 0) - (1010 - 0.012)) < 1e-9);
});

test('a better estimate comes into force little by little, so that time runs at most a twentieth too fast or too slow', () => {
  const clock = new ServerClock();
  clock.hear(1000, 50.4);
  let before = clock.at(50.4) ?? 0;
  for (let now = 50.6; now < 70; now += 0.2) {
    clock.hear(now + 950, now);
    const time = clock.at(now) ?? 0;
    assert.ok(time - before > 0.2 * 0.949 && time - before < 0.2 * 1.051, `${time - before} in 0.2 s`);
    before = time;
  }
  assert.ok(Math.abs(before - (69.8 + 950)) < 0.2001, 'within a step');
});

test('a clock that was set counts from then on', () => {
  const clock = new ServerClock();
  clock.hear(1000, 50);
  clock.at(50);
  clock.hear(5000, 51);
  assert.equal(clock.at(51), 5000);
});

test('a slow message alone changes nothing', () => {
  const clock = new ServerClock();
  for (let now = 0; now < 5; now += 0.2) {
    clock.hear(100 + now, now);
    clock.at(now);
  }
  clock.hear(105, 7.5);
  assert.ok(Math.abs((clock.at(7.5) ?? 0) - 107.5) < 1e-9);
});
