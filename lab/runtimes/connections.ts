import type { Deployment } from '../../model/deployment.ts';

/** For everybody who is not a worker: preparation, observation, a person with psql. */
const RESERVED_CONNECTIONS = 20;
const FEWEST_CONNECTIONS = 300;

/** How many connections a Postgres has to allow that these deployments share. */
export function connectionsFor(deployments: readonly Deployment[]): number {
  const budgets = deployments.reduce((sum, { databaseConnections }) => sum + databaseConnections, 0);
  return Math.max(FEWEST_CONNECTIONS, budgets + RESERVED_CONNECTIONS);
}
