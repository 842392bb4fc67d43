import type { FastifyInstance } from 'fastify';
import type { Tour } from '../page-feed.ts';
import { EventStream } from '../web/event-stream.ts';
import { Guard } from '../web/guard.ts';
import { createPageServer } from '../web/page-server.ts';
import { Stage } from './stage.ts';

/** What users log in with, in tests that need a login. */
export const PAGE_TOKEN = 'a-token-of-the-users';

/** The app in front of a stage. */
export interface Web {
  readonly app: FastifyInstance;
  readonly stage: Stage;
  readonly toured: string[];
  /** Errors of the dashboard itself. */
  readonly errors: unknown[];
}

/** What the page sends with a change. */
export const pageHeaders: Readonly<Record<string, string>> = {
  host: '127.0.0.1:8080',
  origin: 'http://127.0.0.1:8080',
  'sec-fetch-site': 'same-origin',
  'content-type': 'application/json',
};

/** An app that also answers at https://stage.example; with a login, runs and a page where the test has them. */
export function startWeb({ pageToken, runs, page = '/nowhere' }: Record<string, string> = {}): Web {
  const stage = new Stage();
  const hosts = ['https://stage.example'];
  const toured: string[] = [];
  const errors: unknown[] = [];
  const app = createPageServer({
    guard: new Guard({ origins: hosts, variable: 'PAGE_HOSTS', hosts, start: 'docker compose up' }, pageToken),
    director: stage.director,
    tour: noteTour(toured),
    events: new EventStream({
      hello: () => ({
        ...{ started: 1000, now: stage.time, stage: [], cpus: 2, seconds: [], marks: [] },
        state: stage.director.state,
      }),
      onCome: () => {},
      onLeave: () => {},
    }),
    totals: () => ({ k6: { sync: { sent: 7, completed: 6 } }, nginx: { sync: 6 } }),
    ...(runs !== undefined && { runs }),
    page,
    onError: error => void errors.push(error),
  });
  return { app, stage, toured, errors };
}

/** A tour that notes what it is asked. */
export function noteTour(toured: string[]): Tour {
  return {
    state: undefined,
    onChange: () => {},
    enter: async step => void toured.push(`enter ${step}`),
    measure: () => void toured.push('measure'),
    leave: async () => void toured.push('leave'),
  };
}
