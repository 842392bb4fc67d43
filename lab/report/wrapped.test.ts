import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wrapped } from './wrapped.ts';

for (const [what, text, width, indent, expected] of [
  ['a short text stays on its line', 'one line', 20, '  ', 'one line'],
  [
    'a long one is broken between words, and indented from its second line on',
    'aa bb cc dd',
    6,
    '  ',
    'aa bb\n  cc\n  dd',
  ],
  ['a word that is longer than a line has one of its own', 'a bbbbbbbbbb c', 5, '', 'a\nbbbbbbbbbb\nc'],
  ['what is counted in stays with its number', 'it takes 250 ms', 12, '', 'it takes\n250 ms'],
  ['so does a percentage', 'at most 80 % of it', 10, '', 'at most\n80 % of it'],
  ['columns before a text keep their spaces', 'name    value', 20, '', 'name    value'],
] as const) {
  test(what, () => assert.equal(wrapped(text, width, indent), expected));
}
