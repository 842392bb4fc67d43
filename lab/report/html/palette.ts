import type { ReportedCell } from '../report.ts';

/** How a cell is drawn in every plot: what blocks is warm, what does not is cool; a shape says the same as the colour. */
export interface Look {
  /** A CSS variable of `style.ts`, which has a value for light and one for dark. */
  readonly colour: string;
  /** An SVG path in a box from −1 to 1. */
  readonly shape: string;
  readonly dash: 'solid' | 'dashed' | 'dotted';
}

const shapes = {
  sync: 'M-1 0A1 1 0 1 1 1 0A1 1 0 1 1 -1 0Z',
  threads: 'M0 -1L1 0.9L-1 0.9Z',
  'sync-threads': 'M0 -1.1L1.1 0L0 1.1L-1.1 0Z',
  async: 'M-0.9 -0.9L0.9 -0.9L0.9 0.9L-0.9 0.9Z',
  hybrid: 'M-0.5 -1L0.5 -1L1 0L0.5 1L-0.5 1L-1 0Z',
  'async-express': 'M0 1L1 -0.9L-1 -0.9Z',
};

const dashes = ['solid', 'dashed', 'dotted'] as const;

/** The look of a cell among those that are drawn with it: sizes of one topology differ by their dashes. */
export function lookOf(cell: ReportedCell, cells: readonly ReportedCell[]): Look {
  const { topology } = cell.deployment;
  const size = cells.filter(one => one.deployment.topology === topology).indexOf(cell);
  // A file may name a topology that this version does not have.
  const shape = Object.entries(shapes).find(([name]) => name === topology)?.[1];
  if (shape === undefined) return { colour: 'var(--ink)', shape: shapes.sync, dash: 'solid' };
  return { colour: `var(--${topology})`, shape, dash: dashes[size % dashes.length] ?? 'solid' };
}
