import type { LiveWorkload } from '../../protocol.ts';

/** A request that waits so many milliseconds for the database. */
export function waitOf(ms: number): LiveWorkload {
  return { route: 'wait', parameters: { ms } };
}

/** A request that computes so many units. */
export function cpuOf(units: number): LiveWorkload {
  return { route: 'cpu', parameters: { units } };
}

/** A request that asks for next to nothing. */
export const plain: LiveWorkload = { route: 'plain', parameters: {} };
