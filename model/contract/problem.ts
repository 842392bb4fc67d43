/** Problems (RFC 9457): what the service answers when it does not do what was asked. Pure. */

/** A problem as it goes over the wire, with the headers that belong to it. */
export interface Problem {
  readonly problem: {
    readonly type: 'about:blank';
    readonly title: string;
    readonly status: number;
    readonly detail: string;
    /** The parameter, header or part of the body that is wrong. */
    readonly parameter?: string;
  };
  readonly headers?: Readonly<Record<string, string>>;
}

/** The media type of every problem. */
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** Seconds after which a client may try again when the database is away or busy. */
const RETRY_AFTER = 1;

const titles = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  417: 'Expectation Failed',
  422: 'Unprocessable Content',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const;

/** The statuses that a problem can have. */
type ProblemStatus = keyof typeof titles;

/** The problem of that status, in a sentence. */
export function problem(status: ProblemStatus, detail: string, headers?: Readonly<Record<string, string>>): Problem {
  const body = { type: 'about:blank', title: titles[status], status, detail } as const;
  return headers === undefined ? { problem: body } : { problem: body, headers };
}

/** The problem of a parameter, header or part of the body, named. */
export function parameterProblem(parameter: string, detail: string, status: ProblemStatus = 400): Problem {
  const { problem: body } = problem(status, detail);
  return { problem: { ...body, parameter } };
}

/** No such thing: an unknown route or item. */
export function notFound(detail = 'There is nothing at this address.'): Problem {
  return problem(404, detail);
}

/** Somebody who may not ask for this at all. */
export function forbidden(detail: string): Problem {
  return problem(403, detail);
}

/** A known address that takes other methods only. */
export function wrongMethod(allow: string): Problem {
  return problem(405, `This address takes ${allow}.`, { allow });
}

/** A body of more bytes than are taken. */
export function tooLarge(limit: number): Problem {
  return problem(413, `A body may have ${limit} bytes at most.`);
}

/** The database cannot be reached or does not answer: come back later. */
export function databaseAway(): Problem {
  return problem(503, 'The database is away.', { 'retry-after': String(RETRY_AFTER) });
}

/** The database refuses connections, as it has as many as it allows: come back later. */
export function tooManyConnections(): Problem {
  return problem(503, 'The database has too many connections (DATABASE_MAX_CONNECTIONS).', {
    'retry-after': String(RETRY_AFTER),
  });
}

/** No connection to the database was free in time: come back later. */
export function databaseBusy(): Problem {
  return problem(503, 'The database is busy.', { 'retry-after': String(RETRY_AFTER) });
}

/** A mistake of the service's own; says nothing about its cause, which is in the log. */
export function internalError(): Problem {
  return problem(500, 'The service made a mistake.');
}

/** Whether this is a problem and not what was hoped for. */
export function isProblem(value: object): value is Problem {
  return 'problem' in value;
}
