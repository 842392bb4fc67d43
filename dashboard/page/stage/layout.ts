import type { Deployment } from '../../../model/deployment.ts';
import { deriveParallelism } from '../../../model/parallelism.ts';
import { isConcurrencyLimited } from '../../../model/topology.ts';
import type { DeploymentId } from '../../protocol.ts';
import { type Box, type ProcessPlace, processPlaces, type WorkerPlace, workerPlaces } from './process-places.ts';

/** The room that the page has for one deployment. */
export interface LaneRoom {
  readonly id: DeploymentId;
  readonly deployment: Deployment;
  readonly top: number;
  readonly height: number;
}

/** Where everything lies. */
export interface StageLayout {
  readonly width: number;
  readonly height: number;
  readonly dotRadius: number;
  /** Of the smallest writing. */
  readonly textSize: number;
  readonly lanes: readonly Lane[];
  /** One for all deployments. */
  readonly database: Box;
}

/** One deployment: its clients, the load balancer with those that wait there, and its workers. */
export interface Lane {
  readonly id: DeploymentId;
  readonly blocking: boolean;
  readonly band: Box;
  readonly clients: Box;
  readonly balancer: Box;
  readonly queue: QueueRoom;
  readonly processes: readonly ProcessPlace[];
  /** Of all processes, in the order of `StagedDeployment.workers`. */
  readonly workers: readonly WorkerPlace[];
  /** Where dots turn towards the clients, and the height at which they go back. */
  readonly back: { readonly x: number; readonly y: number };
}

/** Rows in which dots wait, each from the right to the left. */
export interface QueueRoom {
  /** The centre of the first dot of the uppermost row. */
  readonly right: number;
  readonly top: number;
  readonly pitch: number;
  readonly rows: number;
  readonly columns: number;
}

/** Where everything lies on a stage of this width, for deployments that each have a room of their own. */
export function stageLayout(width: number, height: number, rooms: readonly LaneRoom[]): StageLayout {
  const measures = measuresAt(width);
  const first = rooms[0];
  const last = rooms.at(-1);
  const top = first?.top ?? 0;
  return {
    width,
    height,
    dotRadius: measures.dotRadius,
    textSize: measures.textSize,
    lanes: rooms.map(room => laneOf(room, measures)),
    database: {
      left: width - measures.database,
      top,
      width: measures.database,
      height: last === undefined ? 0 : last.top + last.height - top - 1,
    },
  };
}

/** The height in CSS pixels that a deployment wants, of so many on a stage of this width. */
export function laneHeight(deployment: Deployment, width: number, lanes: number): number {
  const { scale, workers } = measuresAt(width);
  const usual = (96 + 62 * scale) * (lanes === 1 ? 1.35 : lanes === 2 ? 1.15 : lanes > 4 ? 0.72 : 1);
  // As many rows as give each process the room of a fingertip, and each of its workers enough to be seen.
  const rowsOf = (count: number, room: number): number => Math.ceil(count / Math.max(1, Math.floor(workers / room)));
  const least = Math.max(rowsOf(deployment.processes, 28) * 28, rowsOf(deriveParallelism(deployment).workers, 17) * 23);
  return Math.round(Math.max(usual, least + 20));
}

interface Measures {
  /** From 0 on a phone to 1 on a desk, and beyond. */
  readonly scale: number;
  readonly width: number;
  readonly dotRadius: number;
  readonly textSize: number;
  readonly clients: number;
  readonly toBalancer: number;
  readonly balancer: number;
  readonly toWorkers: number;
  readonly workers: number;
  readonly toDatabase: number;
  readonly database: number;
}

function measuresAt(width: number): Measures {
  const scale = Math.min(Math.max((width - 328) / (1200 - 328), 0), 1.6);
  const between = (phone: number, desk: number): number => Math.round(phone + (desk - phone) * Math.min(scale, 1.25));
  const clients = between(22, 52);
  const toBalancer = between(24, 84);
  const toWorkers = between(22, 64);
  const toDatabase = between(16, 48);
  const database = between(26, 60);
  const rest = width - clients - toBalancer - toWorkers - toDatabase - database;
  const balancer = Math.round(rest * 0.46);
  return {
    scale,
    width,
    dotRadius: 2.7 + 1.5 * scale,
    textSize: Math.min(Math.max(11, width * 0.0042 + 6.5), 17),
    clients,
    toBalancer,
    balancer,
    toWorkers,
    workers: rest - balancer,
    toDatabase,
    database,
  };
}

function laneOf({ id, deployment, top, height }: LaneRoom, measures: Measures): Lane {
  const { spec, processes: processCount, threadsPerProcess } = deployment;
  const blocking = isConcurrencyLimited(spec);
  const { clients: clientsWidth, toBalancer, balancer: balancerWidth, toWorkers, dotRadius, textSize } = measures;
  const backRoom = Math.round(dotRadius * 2 + 6);
  const balancerLeft = clientsWidth + toBalancer;
  const workersLeft = balancerLeft + balancerWidth + toWorkers;
  const balancer = { left: balancerLeft, top, width: balancerWidth, height: height - backRoom };
  const room = { left: workersLeft, top, width: measures.workers, height: height - backRoom };
  const processes = processPlaces(room, processCount, threadsPerProcess, blocking);
  return {
    id,
    blocking,
    band: { left: 0, top, width: measures.width, height },
    clients: { left: 0, top, width: clientsWidth, height },
    balancer,
    queue: queueRoom(balancer, dotRadius),
    processes,
    workers: processes.flatMap(({ box }) => workerPlaces(box, threadsPerProcess, blocking, dotRadius, textSize)),
    back: { x: workersLeft - toWorkers / 2, y: top + height - backRoom / 2 },
  };
}

/** Rows of dots that fill the load balancer's box, but for the gate at its right. */
function queueRoom({ left, top, width, height }: Box, dotRadius: number): QueueRoom {
  const pitch = Math.round(dotRadius * 2 + 2.4);
  const margin = 5 + dotRadius;
  const gate = 6;
  const rows = Math.max(1, Math.floor((height - 2 * margin) / pitch) + 1);
  const columns = Math.max(1, Math.floor((width - 2 * margin - gate) / pitch) + 1);
  return {
    right: left + width - margin - gate,
    top: Math.round(top + (height - (rows - 1) * pitch) / 2),
    pitch,
    rows,
    columns,
  };
}
