import type { Deployment } from '../../../model/deployment.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import type { DeploymentId } from '../../protocol.ts';

/** A rectangle on the stage, in CSS pixels from its upper left corner. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Where a request is drawn, from its worker's centre. */
export interface Seat extends Point {
  readonly ring: number;
}

/** The room that the page has for one deployment. */
interface LaneRoom extends Pick<Box, 'top' | 'height'> {
  readonly id: DeploymentId;
  readonly deployment: Deployment;
}

export type StageLayout = ReturnType<typeof layOutStage>;
/** One deployment: its clients, the load balancer with its queue, and its workers. */
export type Lane = ReturnType<typeof layOutLane>;
export type ProcessPlace = Lane['rows'][number][number];
export type WorkerPlace = Lane['workers'][number];

/** Places everything on a stage of this size, for deployments that each have a room of their own. */
export function layOutStage(width: number, height: number, rooms: readonly LaneRoom[]) {
  const measures = measureStage(width);
  const { dotRadius, textSize } = measures;
  const top = rooms[0]?.top ?? 0;
  const last = rooms.at(-1);
  const bottom = last === undefined ? top : last.top + last.height - 1;
  const database: Box = { left: width - measures.database, top, width: measures.database, height: bottom - top };
  return { width, height, dotRadius, textSize, database, lanes: rooms.map(room => layOutLane(room, width, measures)) };
}

/** The height in CSS pixels that a deployment needs, one of `lanes` on a stage of this width. */
export function laneHeight(deployment: Deployment, width: number, lanes: number): number {
  const { scale, workers } = measureStage(width);
  const usual = (96 + 62 * scale) * (lanes === 1 ? 1.35 : lanes === 2 ? 1.15 : lanes > 4 ? 0.72 : 1);
  // A process is at least as large as a fingertip, and its workers are large enough to be seen.
  const countRows = (count: number, pitch: number): number =>
    Math.ceil(count / Math.max(1, Math.floor(workers / pitch)));
  const { workers: workerCount } = deriveParallelism(deployment);
  const least = Math.max(countRows(deployment.processes, 28) * 28, countRows(workerCount, 17) * 23);
  return Math.round(Math.max(usual, least + 20));
}

/** Widths of all that stands from left to right on a stage of this width. */
function measureStage(width: number) {
  // From 0 on a phone to 1 on a desk, and beyond.
  const scale = Math.min(Math.max((width - 328) / (1200 - 328), 0), 1.6);
  const between = (phone: number, desk: number): number => Math.round(phone + (desk - phone) * Math.min(scale, 1.25));
  const clients = between(22, 52);
  const toBalancer = between(24, 84);
  const toWorkers = between(22, 64);
  const database = between(26, 60);
  const rest = width - clients - toBalancer - toWorkers - between(16, 48) - database;
  const balancer = Math.round(rest * 0.46);
  return {
    scale,
    dotRadius: 2.7 + 1.5 * scale,
    textSize: Math.min(Math.max(11, width * 0.0042 + 6.5), 17),
    ...{ clients, toBalancer, balancer, toWorkers, workers: rest - balancer, database },
  };
}

function layOutLane(room: LaneRoom, width: number, measures: ReturnType<typeof measureStage>) {
  const { id, deployment, top, height } = room;
  const { clients, toBalancer, toWorkers, dotRadius, textSize } = measures;
  const blocking = isConcurrencyLimited(deployment.spec);
  const backRoom = Math.round(dotRadius * 2 + 6);
  const balancer: Box = { left: clients + toBalancer, top, width: measures.balancer, height: height - backRoom };
  const left = balancer.left + balancer.width + toWorkers;
  const rows = placeProcesses({ ...balancer, left, width: measures.workers }, deployment, textSize);
  return {
    id,
    /** Whether a worker serves one request at a time. */
    blocking,
    band: { left: 0, top, width, height },
    clients: { left: 0, top, width: clients, height },
    balancer,
    queue: layOutQueue(balancer, dotRadius),
    /** Rows of processes. */
    rows,
    /** Of all processes, in the order of `StagedDeployment.workers`. */
    workers: rows.flat().flatMap(({ box, workers, hasCaption }) => {
      const caption = workers.length === 1 && hasCaption ? Math.round(1.5 * textSize) : 0;
      return placeWorkers(box, workers.length, caption, blocking, dotRadius);
    }),
    /** Where dots turn towards the clients, and the height at which they go back. */
    back: { x: left - toWorkers / 2, y: top + height - backRoom / 2 },
  };
}

/** Rows in which dots wait, each from the right to the left, up to the gate at the load balancer's right. */
function layOutQueue({ left, top, width, height }: Box, dotRadius: number) {
  const pitch = Math.round(dotRadius * 2 + 2.4);
  const margin = 5 + dotRadius;
  const gate = 6;
  const rows = Math.max(1, Math.floor((height - 2 * margin) / pitch) + 1);
  const columns = Math.max(1, Math.floor((width - 2 * margin - gate) / pitch) + 1);
  // The centre of the first dot of the uppermost row.
  const first = { right: left + width - margin - gate, top: Math.round(top + (height - (rows - 1) * pitch) / 2) };
  return { ...first, pitch, rows, columns };
}

/** Rows of processes that are as large as their room allows. */
function placeProcesses(room: Box, deployment: Deployment, textSize: number) {
  const { spec, processes: count, threadsPerProcess: threads } = deployment;
  const isSeat = isConcurrencyLimited(spec) && threads === 1;
  // A loop is square; a process with many seats has the shape of its room, unless there are many processes.
  const shape = Math.min(Math.max(room.width / room.height, 0.5), count > 4 ? 1.2 : 1.9);
  const aspect = threads > 1 ? shape : isSeat && count <= 8 ? 1.15 : 1;
  const most = isSeat ? Math.max(96, room.height * 0.7) : Number.POSITIVE_INFINITY;
  let worker = 0;
  return layOutGrid(count, room, aspect, count > 16 ? 3 : room.width < 200 ? 5 : 10, most).map(row =>
    row.map(box => ({
      box,
      /** The indices of its workers in the deployment. */
      workers: Array.from({ length: threads }, () => worker++),
      /** Whether there is room for words. */
      hasCaption: box.height >= 5 * textSize && box.width >= 4 * textSize,
    })),
  );
}

/** Circles for the workers of a process, above the room for its caption. */
function placeWorkers(box: Box, count: number, caption: number, blocking: boolean, dotRadius: number) {
  const margin = Math.min(8, box.width / 16);
  const [left, top] = [box.left + margin, box.top + margin];
  const inside = { left, top, width: box.width - 2 * margin, height: box.height - 2 * margin };
  const cells = count === 1 ? [box] : layOutGrid(count, inside, 1, 2, 64).flat();
  return cells.map(cell => {
    const side = Math.min(cell.width, cell.height - caption);
    const radius = blocking
      ? Math.max(0, Math.min(side * 0.34, 8 * dotRadius))
      : Math.max(5, side / 2 - dotRadius - Math.min(8, 3 + side / 16));
    /** The radius of the middle of an event loop, where the request is drawn that computes. */
    const hub = Math.min(radius * 0.3, dotRadius * 2.6);
    const rings = blocking ? [[CENTRE]] : placeSeats(radius, hub, dotRadius);
    const isLarge = blocking && radius > 2 * dotRadius;
    return { x: cell.left + cell.width / 2, y: cell.top + (cell.height - caption) / 2, radius, hub, isLarge, rings };
  });
}

const CENTRE: Seat = { x: 0, y: 0, ring: 0 };

/** Seats of an event loop: on its ring, clockwise from the top, then on smaller rings down to the hub. */
function placeSeats(radius: number, hub: number, dotRadius: number): Seat[][] {
  const pitch = dotRadius * 2 + 1.5;
  const rings: Seat[][] = [];
  for (let ring = radius; ring >= hub + pitch; ring -= pitch) {
    const count = Math.floor((2 * Math.PI * ring) / pitch);
    const angles = Array.from({ length: count }, (_, seat) => (2 * Math.PI * seat) / count - Math.PI / 2);
    rings.push(angles.map(angle => ({ x: ring * Math.cos(angle), y: ring * Math.sin(angle), ring: rings.length })));
  }
  return rings.length > 0 ? rings : [[CENTRE]];
}

/** Rows of the largest cells that fit, in the middle of their room. `aspect` is a cell's width over its height. */
function layOutGrid(count: number, room: Box, aspect: number, gap: number, mostHeight: number): Box[][] {
  let columns = 1;
  let height = -1;
  for (let tried = 1; tried <= count; tried++) {
    const rows = Math.ceil(count / tried);
    const cellWidth = (room.width - gap * (tried - 1)) / tried;
    // A room may be too small for its gaps, and no size is negative.
    const tall = Math.max(0, Math.min((room.height - gap * (rows - 1)) / rows, cellWidth / aspect, mostHeight));
    if (tall > height) [columns, height] = [tried, tall];
  }
  const rows = Math.ceil(count / columns);
  const width = height * aspect;
  const left = room.left + (room.width - columns * width - gap * (columns - 1)) / 2;
  const top = room.top + (room.height - rows * height - gap * (rows - 1)) / 2;
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: Math.min(columns, count - row * columns) }, (_unused, column) => {
      return { left: left + column * (width + gap), top: top + row * (height + gap), width, height };
    }),
  );
}
