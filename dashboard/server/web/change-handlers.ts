import { z } from 'zod';
import { type RouteName, routes } from '../../../model/contract/contract.ts';
import { type ChangeRoute, type Changes, tourSteps } from '../../protocol.ts';
import type { Director, Tour } from '../parts.ts';
import type { Drivers } from './drivers.ts';

/** What changes are made to. */
export interface Changed {
  readonly director: Director;
  readonly tour: Tour;
  readonly drivers: Drivers;
}

/** How a request that changes something is handled. */
export interface ChangeHandler<Body> {
  readonly body: z.ZodType<Body>;
  /** Called for the client that drives. */
  make(changed: Changed, body: Body): void | Promise<void>;
}

const nothing = z.strictObject({});
const id = z.string().min(1).max(100);
const deployments = z.array(id).min(1).max(30);
const routeNames = Object.keys(routes) as RouteName[];

const settings = z.strictObject({
  deployments,
  workload: z.strictObject({ route: z.enum(routeNames), parameters: z.record(z.string().max(20), z.number()) }),
  load: z.discriminatedUnion('model', [
    z.strictObject({ model: z.literal('open'), arrivalRate: z.number() }),
    z.strictObject({ model: z.literal('closed'), users: z.number(), thinkTime: z.number() }),
  ]),
  running: z.boolean(),
});

/** Everything that changes something: what it is told, and what it does. There is no other way in. */
export const changeHandlers: { readonly [Route in ChangeRoute]: ChangeHandler<Changes[Route]> } = {
  'PUT /api/settings': { body: settings, make: ({ director }, chosen) => director.choose(chosen) },
  'POST /api/burst': {
    body: z.strictObject({ requests: z.number(), deployments: deployments.exactOptional() }),
    make: ({ director }, { requests, deployments: at }) => director.burst(requests, at),
  },
  'POST /api/hold-cpu': { body: nothing, make: ({ director }) => director.holdCpu(HOLD) },
  'PUT /api/database-connections': {
    body: z.strictObject({ id, databaseConnections: z.number().exactOptional() }),
    make: ({ director }, asked) => director.limitConnections(asked.id, asked.databaseConnections),
  },
  'POST /api/end-worker': {
    body: z.strictObject({ id, worker: z.string().max(100) }),
    make: ({ director }, asked) => director.endWorker(asked.id, asked.worker),
  },
  'POST /api/database-away': { body: nothing, make: ({ director }) => director.takeDatabaseAway() },
  // Whoever asks for it drives by now.
  'POST /api/drive': { body: nothing, make: () => {} },
  'POST /api/tour/enter': {
    body: z.strictObject({ step: z.enum(tourSteps) }),
    make: ({ tour }, { step }) => tour.enter(step),
  },
  'POST /api/tour/measure': { body: nothing, make: ({ tour }) => tour.measure() },
  'POST /api/tour/leave': { body: nothing, make: ({ tour }) => tour.leave() },
};

/** Seconds for which one request holds the CPU. */
const HOLD = 2;
