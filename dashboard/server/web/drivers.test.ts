import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../parts.ts';
import { Drivers } from './drivers.ts';

/** Two clients watch; seconds pass when they are let pass. */
function twoWatchers() {
  const time = { now: 1000 };
  const drivers = new Drivers(() => time.now);
  const driven: (string | undefined)[] = [];
  drivers.onChange = () => void driven.push(drivers.driver);
  drivers.came('ada');
  drivers.came('bob');
  const pass = (seconds: number) => {
    time.now += seconds;
    drivers.settle();
  };
  return { drivers, driven, pass };
}

test('who touches something first drives, and the other watches', () => {
  const { drivers, driven } = twoWatchers();
  assert.equal(drivers.driver, undefined);
  drivers.touch('ada');
  drivers.touch('ada');
  assert.throws(
    () => drivers.touch('bob'),
    new Refusal(
      409,
      'Somebody else drives, and you watch. You may take the wheel when they have left, or if they touch nothing for another 120 s.',
    ),
  );
  assert.deepEqual(driven, ['ada']);
});

test('the wheel is kept for who has left for five seconds', () => {
  const { drivers, driven, pass } = twoWatchers();
  drivers.touch('ada');
  drivers.left('ada');
  pass(4.9);
  assert.throws(() => drivers.touch('bob'), Refusal);
  pass(0.1);
  assert.equal(drivers.driver, undefined);
  drivers.touch('bob');
  assert.deepEqual(driven, ['ada', undefined, 'bob']);
});

test('who comes back in time drives on', () => {
  const { drivers, driven, pass } = twoWatchers();
  drivers.touch('ada');
  drivers.left('ada');
  pass(3);
  drivers.came('ada');
  pass(60);
  drivers.touch('ada');
  assert.deepEqual(driven, ['ada']);
});

test('the wheel may be taken from who has touched nothing for two minutes', () => {
  const { drivers, pass } = twoWatchers();
  drivers.touch('ada');
  pass(119);
  assert.throws(() => drivers.take('bob'), /Somebody else still drives.* another 1 s/);
  drivers.touch('ada');
  pass(119);
  assert.throws(() => drivers.take('bob'), Refusal);
  pass(1);
  assert.throws(() => drivers.touch('bob'), /They have touched nothing for a while: you may take the wheel/);
  drivers.take('bob');
  assert.equal(drivers.driver, 'bob');
  assert.throws(() => drivers.take('ada'), Refusal);
});

test('where nobody drives the wheel can be taken', () => {
  const { drivers } = twoWatchers();
  drivers.take('bob');
  drivers.take('bob');
  assert.equal(drivers.driver, 'bob');
});

test('who touches something without watching drives for five seconds', () => {
  const { drivers, pass } = twoWatchers();
  drivers.touch('script');
  pass(4);
  drivers.touch('script');
  pass(4);
  assert.equal(drivers.driver, 'script');
  pass(1);
  assert.equal(drivers.driver, undefined);
});
