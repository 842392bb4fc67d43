import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verdictOf } from './verdict.ts';

const guesses = ['As much', 'More'];

test('a guess that the figures bear out is told so, and another one what they say', () => {
  assert.equal(verdictOf(guesses, 1, 1), 'You guessed “More”, and so it is.');
  assert.equal(verdictOf(guesses, 1, 0), 'You guessed “As much”. The figures say: “More”.');
});

test('who did not guess is told what the figures say', () => {
  assert.equal(verdictOf(guesses, 0, undefined), 'The figures say: “As much”.');
});

test('figures that bear out no guess say so', () => {
  assert.equal(verdictOf(guesses, -1, 0), 'You guessed “As much”. The figures bear out none of the guesses.');
  assert.equal(verdictOf(guesses, -1, undefined), 'The figures bear out none of the guesses.');
});

test('figures that cannot tell leave it undecided, which is not that no guess is right', () => {
  assert.equal(verdictOf(guesses, -2, 0), 'You guessed “As much”. It is undecided here: the figures cannot tell.');
  assert.equal(verdictOf(guesses, -2, undefined), 'It is undecided here: the figures cannot tell.');
});
