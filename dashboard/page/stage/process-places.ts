import { gridOf, inGrid } from './grid.ts';
import type { Box, ProcessPlace, WorkerPlace } from './layout.ts';
import { seatForOne, seatsOf } from './loop-seats.ts';

/** Where the processes of a deployment lie, as large as the room for them lets them be. */
export function processPlaces(room: Box, count: number, threads: number, blocking: boolean): ProcessPlace[] {
  const aspect = aspectOf(room, count, threads, blocking);
  const most = blocking && threads === 1 ? Math.max(96, room.height * 0.7) : Number.POSITIVE_INFINITY;
  const grid = gridOf(count, room, aspect, count > 16 ? 3 : room.width < 200 ? 5 : 10, most);
  return Array.from({ length: count }, (_, index) => ({
    box: inGrid(grid, index),
    row: Math.floor(index / grid.columns),
    isFirst: index % grid.columns === 0,
    isLast: index % grid.columns === grid.columns - 1 || index === count - 1,
    workers: Array.from({ length: threads }, (_unused, thread) => index * threads + thread),
  }));
}

/** Width over height. A loop is as wide as high; a process with many seats is like the room for it, unless there are many. */
function aspectOf(room: Box, count: number, threads: number, blocking: boolean): number {
  if (threads > 1) return Math.min(Math.max(room.width / room.height, 0.5), count > 4 ? 1.2 : 1.9);
  return blocking && count <= 8 ? 1.15 : 1;
}

/** Where the workers of a process lie in its box. */
export function workerPlaces(
  box: Box,
  threads: number,
  blocking: boolean,
  dotRadius: number,
  textSize: number,
): WorkerPlace[] {
  const margin = threads > 1 ? Math.min(8, box.width / 16) : 0;
  const inside = {
    left: box.left + margin,
    top: box.top + margin,
    width: box.width - 2 * margin,
    height: box.height - 2 * margin,
  };
  const grid = threads > 1 ? gridOf(threads, inside, 1, 2, 64) : undefined;
  return Array.from({ length: threads }, (_, thread) => {
    const cell = grid === undefined ? box : inGrid(grid, thread);
    const caption = captionHeight(cell, threads, textSize);
    const side = Math.min(cell.width, cell.height - caption);
    const radius = blocking
      ? Math.max(0, Math.min(side * 0.34, 8 * dotRadius))
      : Math.max(5, side / 2 - dotRadius - Math.min(8, 3 + side / 16));
    return {
      kind: blocking ? 'seat' : 'loop',
      x: cell.left + cell.width / 2,
      y: cell.top + (cell.height - caption) / 2,
      radius,
      cell,
      ...(blocking ? seatForOne : seatsOf(radius, dotRadius)),
    };
  });
}

/** Room for words under a worker, where there is enough of it. */
export function captionHeight(cell: Box, threads: number, textSize: number): number {
  return threads === 1 && cell.height >= 5 * textSize && cell.width >= 4 * textSize ? Math.round(1.5 * textSize) : 0;
}
