import type { ComponentChildren, VNode } from 'preact';
import { h } from './element.ts';

/** A column: its head, and what it shows of a row; a dash where that is nothing. */
export interface Column<Row> {
  readonly head: string;
  readonly show: (row: Row) => ComponentChildren;
  /** Words stand at the left and are wrapped; figures stand at the right. */
  readonly words?: boolean;
}

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
}

/** A table whose first column names its rows; where the page is narrow it scrolls in its own box. */
export function DataTable<Row>({ caption, columns, rows }: DataTableProps<Row>): VNode {
  const kindOf = ({ words }: Column<Row>) => (words ? { class: 'words' } : {});
  const cell = (column: Column<Row>, row: Row, index: number) =>
    index === 0 ? h('th', { scope: 'row' }, column.show(row)) : h('td', kindOf(column), column.show(row) ?? '–');
  return h(
    'div',
    { class: 'scroll', tabIndex: 0, role: 'group', 'aria-label': caption },
    h('table', null, [
      h('caption', null, caption),
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          columns.map(one => h('th', { scope: 'col', ...kindOf(one) }, one.head)),
        ),
      ),
      h(
        'tbody',
        null,
        rows.map(row =>
          h(
            'tr',
            null,
            columns.map((one, index) => cell(one, row, index)),
          ),
        ),
      ),
    ]),
  );
}

/** A table that is folded away, as one is that holds the figures of a plot. */
export function FoldedTable<Row>({ summary = 'Figures', ...table }: DataTableProps<Row> & { summary?: string }): VNode {
  return h('details', null, [h('summary', null, summary), DataTable(table)]);
}
