/** Where something lies on the stage, in CSS pixels from its upper left corner. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** A process on the stage. */
export interface ProcessPlace {
  readonly box: Box;
  /** Its row of processes, and whether nothing stands between it and the load balancer, or the database. */
  readonly row: number;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  /** Its workers' places in the deployment. */
  readonly workers: readonly number[];
}

/** A worker on the stage. */
export interface WorkerPlace {
  readonly kind: 'seat' | 'loop';
  readonly x: number;
  readonly y: number;
  /** Of the circle that is the worker. */
  readonly radius: number;
  /** The room that it has, with what is written under it. */
  readonly cell: Box;
  /** Where its tasks sit, from its centre, ring by ring; and how many seats each ring has. A blocking worker has one seat. */
  readonly seats: readonly (readonly [x: number, y: number])[];
  readonly rings: readonly number[];
}

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

/** Equal cells in rows, in the middle of a room. */
interface Grid {
  readonly columns: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly gap: number;
}

/** The grid whose cells are as large as can be: `aspect` is their width over their height, `most` their height at most. */
function gridOf(count: number, room: Box, aspect: number, gap: number, most: number): Grid {
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
function inGrid({ columns, left, top, width, height, gap }: Grid, index: number): Box {
  return {
    left: left + (index % columns) * (width + gap),
    top: top + Math.floor(index / columns) * (height + gap),
    width,
    height,
  };
}

/** Seats around a worker's centre, ring by ring, and how many each ring has. */
interface Seats {
  readonly seats: readonly (readonly [x: number, y: number])[];
  readonly rings: readonly number[];
}

/** Of a blocking worker. */
const seatForOne: Seats = { seats: [[0, 0]], rings: [1] };

/**
 * Where the tasks of an event loop sit: on its ring, clockwise from the top, and then on smaller rings inside, down to
 * the hub where the one task sits that the loop is at.
 */
function seatsOf(radius: number, dotRadius: number): Seats {
  const pitch = dotRadius * 2 + 1.5;
  const seats: (readonly [number, number])[] = [];
  const rings: number[] = [];
  for (let ring = radius; ring >= hubRadius(radius, dotRadius) + pitch; ring -= pitch) {
    const count = Math.floor((2 * Math.PI * ring) / pitch);
    rings.push(count);
    for (let seat = 0; seat < count; seat++) {
      const angle = (2 * Math.PI * seat) / count - Math.PI / 2;
      seats.push([ring * Math.cos(angle), ring * Math.sin(angle)]);
    }
  }
  return rings.length > 0 ? { seats, rings } : seatForOne;
}

/** Of the middle of an event loop, in CSS pixels. */
export function hubRadius(radius: number, dotRadius: number): number {
  return Math.min(radius * 0.3, dotRadius * 2.6);
}
