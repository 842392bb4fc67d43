import { effect } from '@preact/signals';

/** A field of the page's query; one without a value is left out. */
export type QueryField = readonly [name: string, value: string | number | undefined];

/** The query with these fields, with its question mark; '' without any. */
export function writeQuery(fields: readonly QueryField[]): string {
  const written = fields.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  return written.length === 0 ? '' : `?${written.join('&')}`;
}

/** A number of a query; `undefined` for no text, '', ' 7', '0x10', '1e3' or 'Infinity'. */
export function numberIn(fields: URLSearchParams, name: string): number | undefined {
  const text = fields.get(name) ?? '';
  return /^-?\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
}

/** The numbers of a query by these names, as far as it has them. */
export function numbersIn(fields: URLSearchParams, names: readonly string[]): Readonly<Record<string, number>> {
  const entries = names.map(name => [name, numberIn(fields, name)] as const);
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => entry[1] !== undefined));
}

/** Browsers refuse an address that changes too often. */
const WRITE_MS = 300;

/** Writes the query that `query` computes from signals into the page's address whenever it changes. */
export function keepQuery(query: () => string): void {
  let writing: ReturnType<typeof setTimeout> | undefined;
  effect(() => {
    const present = query();
    clearTimeout(writing);
    writing = setTimeout(() => {
      if (present !== location.search) history.replaceState(null, '', `${location.pathname}${present}${location.hash}`);
    }, WRITE_MS);
  });
}
