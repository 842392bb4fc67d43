import { STATUS_CODES } from 'node:http';

/** A problem (RFC 9457) as it goes over the wire. */
export interface WebProblem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** What happened, and what to do next. */
  readonly detail: string;
}

/** The problem of that status, in a sentence. */
export function webProblem(status: number, detail: string): WebProblem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail };
}
