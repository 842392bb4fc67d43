import type { WorkloadRequest } from '../../model/experiment.ts';

/** The workloads that every experiment may use by their names. */
export const shippedWorkloads = {
  /** No work: what every request passes through. */
  plain: [{ weight: 1, route: 'plain', parameters: {} }],
  /** A wait of 20 ms in the database. */
  wait: [{ weight: 1, route: 'wait', parameters: { ms: 20 } }],
  /** 5 ms of computing. */
  cpu: [{ weight: 1, route: 'cpu', parameters: { cpuSeconds: 0.005 } }],
  /** One row, read by its key. */
  item: [{ weight: 1, route: 'item', parameters: { id: 42 } }],
  /** Twenty rows. */
  items: [{ weight: 1, route: 'items', parameters: { limit: 20 } }],
  /** Some of each: 2 ms of computing, two reads, and 10 ms of waiting for others. */
  work: [{ weight: 1, route: 'work', parameters: { cpuSeconds: 0.002, ms: 10, reads: 2 } }],
  /** Writes an order, in a transaction. */
  orders: [{ weight: 1, route: 'orders', parameters: {} }],
} as const satisfies Record<string, readonly WorkloadRequest[]>;

type ShippedWorkload = keyof typeof shippedWorkloads;

/** The names of the workloads that ship. */
export const shippedNames = Object.keys(shippedWorkloads) as ShippedWorkload[];

/** Whether a workload of that name ships. */
export function isShipped(name: string): name is ShippedWorkload {
  return shippedNames.some(shipped => shipped === name);
}
