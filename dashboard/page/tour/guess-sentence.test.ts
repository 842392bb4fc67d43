import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeGuess } from './guess-sentence.ts';

const guesses = ['As much', 'More'];

test('a guess that the figures bear out is told so, and another one what they say', () => {
  assert.equal(describeGuess(guesses, 1, 1), 'You guessed “More”, and so it is.');
  assert.equal(describeGuess(guesses, 1, 0), 'You guessed “As much”. The figures say: “More”.');
});

test('who did not guess is told what the figures say', () => {
  assert.equal(describeGuess(guesses, 0, undefined), 'The figures say: “As much”.');
});

test('figures that bear out no guess say so', () => {
  assert.equal(describeGuess(guesses, -1, 0), 'You guessed “As much”. The figures bear out none of the guesses.');
  assert.equal(describeGuess(guesses, -1, undefined), 'The figures bear out none of the guesses.');
});

test('figures that cannot tell leave it undecided, which is not that no guess is right', () => {
  assert.equal(describeGuess(guesses, -2, 0), 'You guessed “As much”. It is undecided here: the figures cannot tell.');
  assert.equal(describeGuess(guesses, -2, undefined), 'It is undecided here: the figures cannot tell.');
});
