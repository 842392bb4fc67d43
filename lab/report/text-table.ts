import Table, { type Cell } from 'cli-table3';

const noFrame = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', right: '', 'right-mid': '' },
  ...{ mid: '─', 'mid-mid': '──', middle: '  ' },
};

type Align = 'left' | 'right';

/**
 * Renders a table for a terminal, without colours and frames. Unless `aligns` says otherwise the first column stands to
 * the left, the others to the right.
 */
export function renderTextTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  aligns: readonly Align[] = head.map((_, index) => (index === 0 ? 'left' : 'right')),
): string {
  const table = new Table({
    head: [...head],
    colAligns: [...aligns],
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    chars: noFrame,
  });
  table.push(...rows.map(row => [...row]));
  return table.toString().replace(/ +$/gm, '');
}

/** A space between words; a unit stays with its number. */
const gap = / (?!(?:%|µs|ms|s|MB|GB)(?![a-z]))/;

/** Breaks a text into lines of at most `width` columns; those after the first are indented. */
export function wrapText(text: string, width: number, indent = ''): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(gap)) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (longer.length > width && line.trim() !== '') {
      lines.push(line);
      line = indent + word;
    } else line = longer;
  }
  return [...lines, line].join('\n');
}
