import { html } from 'htm/preact';
import type { VNode } from 'preact';

/** A column of a table: its head, and whether it holds words; figures stand at the right. */
export interface Column {
  readonly head: string;
  readonly words?: boolean;
}

interface TableProps {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly (string | VNode)[])[];
}

/** A table whose first column names its rows; it scrolls in its own box where the page is narrow. */
export function DataTable({ caption, columns, rows }: TableProps): VNode {
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${caption}>
    <table>
      <caption>${caption}</caption>
      <thead><tr>${columns.map(({ head, words }) => html`<th scope="col" class=${words ? 'words' : ''}>${head}</th>`)}</tr></thead>
      <tbody>${rows.map(
        row =>
          html`<tr>${row.map((value, index) =>
            index === 0
              ? html`<th scope="row">${value}</th>`
              : html`<td class=${columns[index]?.words ? 'words' : ''}>${value}</td>`,
          )}</tr>`,
      )}</tbody>
    </table>
  </div>`;
}

/** The table behind a plot, folded away. */
export function Behind({ summary = 'Figures', ...props }: TableProps & { summary?: string }): VNode {
  return html`<details><summary>${summary}</summary><${DataTable} ...${props} /></details>`;
}
