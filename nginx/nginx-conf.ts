import { NginxConfFile } from 'nginx-conf';
import { LoadlineError } from '../model/errors.ts';

/**
 * The one place that knows npm's `nginx-conf`. That library writes names and values as they are given, quotes nothing,
 * drops a number 0 and groups equal directives of a block. So here every value is text that was checked, and nothing
 * is built whose meaning depends on the order of equal directives.
 */

/** A directive, with a block of others or without. */
export interface Directive {
  readonly name: string;
  readonly values: readonly Value[];
  readonly block?: readonly Directive[];
}

/** Plain text, which is checked and quoted where it must be, or text with nginx's own signs in it. */
type Value = string | Trusted;

/** `name values;` */
export function directive(name: string, ...values: Value[]): Directive {
  return { name, values };
}

/** `name values { … }` */
export function block(name: string, values: readonly Value[], directives: readonly Directive[]): Directive {
  return { name, values, block: directives };
}

/** Text whose literal part, written in the source, may name variables (`$host`) and hold braces; what is filled in may not. */
export function trusted(literals: TemplateStringsArray, ...values: string[]): Trusted {
  for (const value of values) refuse(value, UNSAFE);
  const text = String.raw(literals, ...values);
  refuse(text, QUOTE_BREAKING);
  return new Trusted(text);
}

/** JSON as one value: it holds braces and quotation marks by nature, and no variables. */
export function jsonText(content: unknown): Trusted {
  const text = JSON.stringify(content);
  refuse(text, /['\\$\p{Cc}]/u);
  return new Trusted(text);
}

/** Variables of nginx (`host`) with tabs between them, as one value. */
export function tabSeparated(...variables: string[]): Trusted {
  for (const name of variables) if (!/^[a-z][a-z0-9_]*$/.test(name)) throw unsafe(name);
  return new Trusted(variables.map(name => `$${name}`).join('\\t'));
}

/** Directives that answer with a text of any length, without nginx's signs in it. */
export function answer(status: number, text: string): Directive[] {
  refuse(text, /[\\$]|(?!\n)\p{Cc}/u);
  const pieces = text.match(PIECE) ?? [];
  // `set` and `return` are grouped as they stand here: first every piece, then the answer that is made of them.
  return [
    ...pieces.map((piece, index) =>
      directive('set', trusted`$piece_${`${index}`}`, new Trusted(piece.replaceAll("'", "\\'"))),
    ),
    directive('return', `${status}`, new Trusted(pieces.map((_, index) => `$piece_${index}`).join(''))),
  ];
}

/** The text of a configuration. */
export function serialise(directives: readonly Directive[]): string {
  return new NginxConfFile(buildNode({ name: 'nginx', values: [], block: directives }), { tab: '  ' }).toString();
}

class Trusted {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Node = ConstructorParameters<typeof NginxConfFile>[0];

/** nginx takes no value of more than 4,096 bytes: so many characters, each of four at most. */
const PIECE = /[\s\S]{1,1000}/gu;
const UNSAFE = /[;{}"'\\$`\p{Cc}\u2028\u2029]/u;
const QUOTE_BREAKING = /['\\\p{Cc}]/u;
const BARE = /^[A-Za-z0-9_.:/=,+*~^%-]+$/;

function buildNode({ name, values, block }: Directive): Node {
  if (!/^[a-z][a-z0-9_-]*$/.test(name)) throw unsafe(name);
  const children = block?.map(buildNode) ?? null;
  const value = values.map(written).join(' ');
  return { name, value, children, comments: [], isVerbatim: false, isBlock: block !== undefined, parent: null };
}

function written(value: Value): string {
  if (value instanceof Trusted) return `'${value.text}'`;
  refuse(value, UNSAFE);
  return BARE.test(value) ? value : `"${value}"`;
}

function refuse(value: string, what: RegExp): void {
  if (what.test(value)) throw unsafe(value);
}

function unsafe(value: string): LoadlineError {
  return new LoadlineError(
    'directive-unsafe',
    `${JSON.stringify(value)} was refused as part of nginx's configuration, since it could break out of its directive; ` +
      'a folder or host name with quotation marks, braces, $, ; or \\ must be renamed',
  );
}
