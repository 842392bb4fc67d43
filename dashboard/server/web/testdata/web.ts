import type { FastifyInstance } from 'fastify';
import type { Hello, TourState } from '../../../protocol.ts';
import { Refusal, type Tour } from '../../parts.ts';
import { Stage } from '../../testdata/stage.ts';
import { createApp } from '../app.ts';
import { tagOf } from '../client-tag.ts';
import { Drivers } from '../drivers.ts';
import { EventStream } from '../event-stream.ts';
import { Guard } from '../guard.ts';
import { UserSession } from '../user-session.ts';

/** Where the page of a test is found. */
export const ORIGIN = 'http://127.0.0.1:8080';
/** The client that drives in a test. */
export const CLIENT = 'client-of-the-test';
/** The user's, where a test asks for one. */
export const PAGE_TOKEN = 'a-token-of-the-users';

/** The app in front of parts that note what they are told. */
export interface Web {
  readonly app: FastifyInstance;
  readonly stage: Stage;
  readonly drivers: Drivers;
  readonly events: EventStream;
  /** What the tour was told. */
  readonly toured: string[];
  /** Mistakes of the dashboard's own. */
  readonly errors: unknown[];
  /** What the page sends with a request that changes something. */
  readonly headers: Record<string, string>;
}

/** With the user's token asked for, a folder of runs and of a page, where the test has them. */
export function webOf(options: { pageToken?: string; runs?: string; page?: string } = {}): Web {
  const { pageToken, runs, page = '/nowhere' } = options;
  const stage = new Stage();
  const clock = () => stage.time;
  const session = pageToken === undefined ? undefined : new UserSession(pageToken, async () => {});
  const setting = { variable: 'PAGE_HOSTS', hosts: ['https://stage.example'], start: 'docker compose up' };
  const guard = new Guard({ origins: setting.hosts, setting }, session);
  const drivers = new Drivers(clock);
  const events = new EventStream({
    hello: client => helloTo(client, stage),
    onCome: client => drivers.came(client),
    onLeave: client => drivers.left(client),
    clock,
  });
  const toured: string[] = [];
  const errors: unknown[] = [];
  const app = createApp({
    guard,
    ...(session !== undefined && { session }),
    director: stage.director,
    tour: tourOf(toured),
    drivers,
    events,
    totals: () => ({ k6: { sync: { sent: 7, completed: 6 } }, nginx: { sync: 6 } }),
    ...(runs !== undefined && { runs }),
    page,
    onError: error => void errors.push(error),
  });
  const headers = {
    host: '127.0.0.1:8080',
    origin: ORIGIN,
    'sec-fetch-site': 'same-origin',
    authorization: `Bearer ${guard.token}`,
    'content-type': 'application/json',
    'x-loadline-client': CLIENT,
  };
  return { app, stage, drivers, events, toured, errors, headers };
}

function helloTo(client: string, { time, director }: Stage): Hello {
  return { client, tag: tagOf(client), now: time, stage: [], cpus: 2, state: director.state, seconds: [], marks: [] };
}

function tourOf(told: string[]): Tour {
  return {
    state: undefined as TourState | undefined,
    onChange: () => {},
    enter: async step => void told.push(`enter ${step}`),
    measure: () => {
      if (told.includes('measure')) throw new Refusal(409, 'It is being measured already.');
      told.push('measure');
    },
    leave: async () => void told.push('leave'),
  };
}
