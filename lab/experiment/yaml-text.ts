import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { LoadlineError } from '../../model/errors.ts';

/** A sentence about a place in a text. */
export interface Remark {
  readonly offset: number;
  readonly sentence: string;
}

/** A YAML text as a value, and the places of its parts. */
export interface YamlText {
  readonly value: unknown;
  /** Keys that stand twice in one object, of which the later would win in silence. */
  readonly duplicateKeys: readonly Remark[];
  /** Where a key is or, when it is not in the text, the nearest thing that holds it. */
  offsetOf(path: readonly PropertyKey[]): number;
  /** `line:column` */
  placeOf(offset: number): string;
}

/** Reads a YAML text; what is not YAML is refused with all of its places. `file`: the name that errors give. */
export function readYaml(text: string, file: string): YamlText {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${line}:${col}`;
  };
  if (document.errors.length > 0) {
    const sentences = document.errors.map(({ pos, message }) => `${file}:${placeOf(pos[0])} is not YAML: ${message}`);
    throw new LoadlineError('experiment-unreadable', sentences.join('\n'), { cause: document.errors[0] });
  }
  return {
    value: usableValueOf(document, file),
    duplicateKeys: duplicateKeysOf(document, placeOf),
    offsetOf: path => offsetOf(document, path),
    placeOf,
  };
}

/** An alias of nothing, or one that grows without end, shows only here. */
function usableValueOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new LoadlineError('experiment-unreadable', `${file} is not YAML that can be used: ${message}`, { cause });
  }
}

function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth--) {
    const holder = document.getIn(path.slice(0, depth - 1), true);
    const last = path[depth - 1];
    const pair = isMap(holder) ? holder.items.find(({ key }) => isScalar(key) && key.value === last) : undefined;
    const node = pair?.key ?? document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function duplicateKeysOf(document: Document.Parsed, placeOf: (offset: number) => string): Remark[] {
  const remarks: Remark[] = [];
  visit(document, {
    Map(_key, { items }) {
      const first = new Map<unknown, number>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const offset = key.range?.[0] ?? 0;
        const earlier = first.get(key.value);
        if (earlier === undefined) first.set(key.value, offset);
        else
          remarks.push({ offset, sentence: `${key.value} stands at ${placeOf(earlier)} already: remove one of them` });
      }
    },
  });
  return remarks;
}
