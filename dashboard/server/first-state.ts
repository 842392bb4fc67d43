import type { DeploymentId } from '../protocol.ts';
import { initialSettings } from './initial-settings.ts';
import type { Director, LiveStack, Tour } from './parts.ts';

/** Puts everything back as it was before anybody had chosen anything: no tour, no limits, the first settings. */
export async function putBack(director: Director, tour: Tour, stack: Pick<LiveStack, 'deployments'>): Promise<void> {
  try {
    await tour.leave();
  } finally {
    director.choose(initialSettings(stack));
  }
  const limited = Object.keys(director.state.databaseConnections) as DeploymentId[];
  for (const id of limited) await director.limitConnections(id, undefined);
}
