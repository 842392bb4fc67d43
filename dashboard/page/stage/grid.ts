import type { Box } from './layout.ts';

/** Equal cells in rows, in the middle of a room. */
export interface Grid {
  readonly columns: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

/** The grid whose cells are as large as can be: `aspect` is their width over their height, `most` their height at most. */
export function gridOf(count: number, room: Box, aspect: number, gap: number, most: number): Grid {
  let best: Grid | undefined;
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const width = (room.width - gap * (columns - 1)) / columns;
    // A room may be too small for its gaps; nothing is drawn with less than no size.
    const height = Math.max(0, Math.min((room.height - gap * (rows - 1)) / rows, width / aspect, most));
    if (best !== undefined && height <= best.height) continue;
    const cell = { width: height * aspect, height };
    best = {
      columns,
      gap,
      ...cell,
      left: room.left + (room.width - columns * cell.width - gap * (columns - 1)) / 2,
      top: room.top + (room.height - rows * cell.height - gap * (rows - 1)) / 2,
    };
  }
  if (best === undefined) throw new RangeError('a grid has at least one cell');
  return best;
}

/** The cell with this index, row by row. */
export function inGrid({ columns, left, top, width, height, gap }: Grid, index: number): Box {
  return {
    left: left + (index % columns) * (width + gap),
    top: top + Math.floor(index / columns) * (height + gap),
    width,
    height,
  };
}
