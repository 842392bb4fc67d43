import { STATUS_CODES } from 'node:http';
import type { RefusalWords } from '../parts.ts';

/** A problem (RFC 9457) as it goes over the wire. */
export interface WebProblem {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  /** What happened, and what to do next. */
  readonly detail: string;
  /** A line to type, which mends it. */
  readonly command?: string;
}

/** The problem of that status, in a sentence. */
export function webProblem(status: number, detail: string, words: RefusalWords = {}): WebProblem {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail, ...words };
}
