import type { ComponentChildren, VNode } from 'preact';
import { h } from './element.ts';

/** What a table shows of a row, by the head of each column; a dash where that is nothing. The first column names the row. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => ComponentChildren>>;

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: Columns<Row>;
  readonly rows: readonly Row[];
  /** Heads of columns that hold words: they stand at the left and are wrapped; figures stand at the right. */
  readonly words?: readonly string[];
}

/** A table that scrolls in its own box where the page is narrow. */
export function DataTable<Row>({ caption, columns, rows, words = [] }: DataTableProps<Row>): VNode {
  const all = Object.entries(columns).map(([head, show]) => ({
    ...{ head, show, look: words.includes(head) ? { class: 'words' } : {} },
  }));
  const cells = (row: Row) =>
    all.map(({ show, look }, index) =>
      index === 0 ? h('th', { scope: 'row' }, show(row)) : h('td', look, show(row) ?? '–'),
    );
  const heads = all.map(({ head, look }) => h('th', { scope: 'col', ...look }, head));
  const body = rows.map(row => h('tr', null, cells(row)));
  return h('div', { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': caption }, [
    h('table', null, [h('caption', null, caption), h('thead', null, h('tr', null, heads)), h('tbody', null, body)]),
  ]);
}

/** A table that is folded away, as one is that holds the figures of a plot. */
export function FoldedTable<Row>({ summary = 'Figures', ...table }: DataTableProps<Row> & { summary?: string }): VNode {
  return h('details', null, [h('summary', null, summary), DataTable(table)]);
}
