import type { WorkerSlot } from '../../services/deployment.ts';
import type { Seconds } from '../experiment/units.ts';
import { RequestQueue } from './request.ts';

/** A thread: it does one thing at a time, and the rest waits in turn. */
export class Thread {
  readonly queue = new RequestQueue();
  isBusy = false;
  /** Since when, on the clock of the simulation. */
  busySince: Seconds = Number.NaN;
  /** Seconds of the steady state in which it was. */
  busy: Seconds = 0;
}

/** A worker with its thread and its connections, and what it counts over the steady state. */
export class Worker {
  readonly name: string;
  readonly thread = new Thread();
  /** Those that wait for a connection. */
  readonly unconnected = new RequestQueue();
  freeConnections: number;
  /** Requests that nginx has given it and that have not come back. */
  assigned = 0;
  /** Requests that it holds: not those that wait in its socket. */
  held = 0;
  completed = 0;
  databaseWait: Seconds = 0;
  connectionsHeld: Seconds = 0;
  connectionWait: Seconds = 0;

  constructor({ name, databaseConnections }: WorkerSlot) {
    this.name = name;
    this.freeConnections = databaseConnections;
  }
}
