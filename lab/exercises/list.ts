import { fourClerks } from './01-four-clerks.ts';
import { fiveClients } from './02-five-clients.ts';
import { aHundredAtOnce } from './03-a-hundred-at-once.ts';
import { whatAPoolCarries } from './04-what-a-pool-carries.ts';
import { howManyWorkers } from './05-how-many-workers.ts';
import { evenArrivals } from './06-even-arrivals.ts';
import { fortyInMemory } from './07-forty-in-memory.ts';
import { databaseConnections } from './08-database-connections.ts';
import { aHundredClients } from './09-a-hundred-clients.ts';
import { aBlockedLoop } from './10-a-blocked-loop.ts';
import { oneMayFail } from './11-one-may-fail.ts';
import { aLaunch } from './12-a-launch.ts';
import type { Exercise } from './exercise.ts';

/** The exercises, from the easiest on. */
export const exercises: readonly Exercise[] = [
  ...[fourClerks, fiveClients, aHundredAtOnce, whatAPoolCarries, howManyWorkers, evenArrivals],
  ...[fortyInMemory, databaseConnections, aHundredClients, aBlockedLoop, oneMayFail, aLaunch],
];
