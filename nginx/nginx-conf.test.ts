import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LoadlineError } from '../model/errors.ts';
import { answer, block, directive, jsonText, serialise, tabSeparated, trusted } from './nginx-conf.ts';

const refused = (error: unknown) => error instanceof LoadlineError && error.code === 'directive-unsafe';

test('directives and blocks are written as nginx reads them', () => {
  const text = serialise([
    directive('worker_processes', '2'),
    block('http', [], [directive('proxy_set_header', 'Connection', ''), block('server', [], [])]),
  ]);
  assert.equal(text, 'worker_processes 2;\nhttp {\n  proxy_set_header Connection "";\n  server {\n  }\n}\n');
});

test('a folder with blanks and letters of any language is quoted', () => {
  assert.equal(serialise([directive('pid', '/home/Zoë/my # work/pid')]), 'pid "/home/Zoë/my # work/pid";\n');
});

test('a zero and a one are both written', () => {
  assert.equal(
    serialise([directive('server', 'a:1', 'max_fails=0'), directive('tries', '0')]),
    'server a:1 max_fails=0;\ntries 0;\n',
  );
});

const evil = [';', '{', '}', '"', "'", '\\', '$', '`', '\n', '\r', '\0', '\t', '\u2028'];

test('a value with a sign that could end its directive is refused wherever the sign stands', () => {
  const anything = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(anything, fc.constantFrom(...evil), anything, (before, sign, after) => {
      const value = before + sign + after;
      assert.throws(() => serialise([directive('pid', value)]), refused);
      assert.throws(() => serialise([block('location', ['=', value], [])]), refused);
      assert.throws(() => trusted`$host:${value}`, refused);
    }),
  );
});

test('whatever value is taken stays one value of one directive', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), value => {
      let text: string;
      try {
        text = serialise([directive('pid', value), directive('daemon', 'off')]);
      } catch (error) {
        assert.ok(refused(error));
        return;
      }
      assert.match(text, /^pid ("[^"]*"|[^\s"#]+);\ndaemon off;\n$/);
      assert.ok(text.includes(value));
    }),
  );
});

test('a name that is no directive is refused', () => {
  for (const name of ['', 'pid;', 'a b', '#', '1', 'toString', 'if ($x)']) {
    assert.throws(() => serialise([directive(name, 'on')]), refused, name);
  }
});

test('JSON may hold braces and quotation marks, but nothing that ends its quotes or names a variable', () => {
  assert.equal(serialise([directive('return', '400', jsonText({ a: 1 }))]), `return 400 '{"a":1}';\n`);
  for (const text of ["it's", '$host', 'back\\slash', 'line\nbreak']) {
    assert.throws(() => jsonText({ text }), refused, text);
  }
});

test('variables between tabs are one value, and only names of variables are taken', () => {
  assert.equal(
    serialise([directive('log_format', 'live', tabSeparated('msec', 'status'))]),
    "log_format live '$msec\\t$status';\n",
  );
  for (const name of ['', '$msec', "msec'", 'msec;', 'msec\tstatus', 'Msec']) {
    assert.throws(() => tabSeparated(name), refused, name);
  }
});

test('a text of any length is answered from pieces that nginx takes, one after the other', () => {
  const texts = [answer(200, ''), answer(502, "it's\n{}"), answer(200, 'ä'.repeat(2001))].map(serialise);
  assert.equal(texts[0], "return 200 '';\n");
  assert.equal(texts[1], `${String.raw`set '$piece_0' 'it\'s`}\n{}';\nreturn 502 '$piece_0';\n`);
  assert.deepEqual(
    Array.from((texts[2] ?? '').matchAll(/set '\$(\w+)' '(ä+)'/g), ([, name, piece]) => [name, piece?.length]),
    [
      ['piece_0', 1000],
      ['piece_1', 1000],
      ['piece_2', 1],
    ],
  );
  assert.match(texts[2] ?? '', /return 200 '\$piece_0\$piece_1\$piece_2';\n$/);
  for (const text of ['$host', 'back\\slash', 'a\tb']) assert.throws(() => answer(200, text), refused, text);
});
