import { styleDeployment } from '../../../model/deployment-style.ts';
import type { ReportedCell } from '../report.ts';

/** How a cell is drawn in every plot. */
export interface CellLook {
  /** A CSS colour with a value for light and one for dark. */
  readonly colour: string;
  /** An SVG path in a box from −1 to 1. */
  readonly shape: string;
  readonly dash: 'solid' | 'dashed' | 'dotted';
}

const dashes = ['solid', 'dashed', 'dotted'] as const;

/** The look of a cell among those that are drawn with it: sizes of one topology differ by shade and dash. */
export function lookOf(cell: ReportedCell, cells: readonly ReportedCell[]): CellLook {
  const { colour, mark, size } = styleDeployment(
    cell.deployment,
    cells.map(({ deployment }) => deployment),
  );
  return { colour, shape: mark, dash: dashes[size % dashes.length] ?? 'solid' };
}
