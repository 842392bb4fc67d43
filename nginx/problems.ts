import { limits } from '../model/limits.ts';
import { block, type Directive, directive, jsonText } from './nginx-conf.ts';

const { connect, read, leaveOut } = limits.nginx;

/** What nginx refuses by itself, in the words of the service's own problems. */
const refusals = [
  { status: 400, title: 'Bad Request', detail: 'The request could not be read.' },
  { status: 404, title: 'Not Found', detail: 'There is nothing at this address.' },
  { status: 405, title: 'Method Not Allowed', detail: 'The method is not one that the service knows.' },
  { status: 408, title: 'Request Timeout', detail: 'The request did not arrive in time.' },
  { status: 411, title: 'Length Required', detail: 'The request does not say how long it is.' },
  { status: 413, title: 'Content Too Large', detail: 'The body is too large.' },
  { status: 414, title: 'URI Too Long', detail: 'The address of the request is too long.' },
  // nginx's own code for headers that are too large; nobody else knows it.
  { status: 431, nginxCode: 494, title: 'Request Header Fields Too Large', detail: 'The headers are too large.' },
  { status: 500, title: 'Internal Server Error', detail: 'The request could not be handled.' },
  {
    status: 502,
    title: 'Bad Gateway',
    detail: `No worker took the request: none is there, or nginx leaves each out for ${leaveOut} s after a timeout.`,
    retry: true,
  },
  {
    status: 503,
    title: 'Service Unavailable',
    detail: 'nginx has as many requests in progress as its limit of open files allows: OPEN_FILES or ulimit -n.',
    retry: true,
    close: true,
  },
  {
    status: 504,
    title: 'Gateway Timeout',
    detail: `This is a limit of nginx: no worker took the connection within ${connect} s or answered within ${read} s.`,
    retry: true,
  },
  // A client's mistakes, to nginx its own; a worker would say the same of them.
  { status: 400, nginxCode: 501, title: 'Bad Request', detail: 'The transfer encoding is not one that is taken.' },
  { status: 400, nginxCode: 505, title: 'Bad Request', detail: 'The version of HTTP is not one that is taken.' },
] as const satisfies readonly Refusal[];

interface Refusal {
  readonly status: number;
  /** Where nginx counts it under another code. */
  readonly nginxCode?: number;
  readonly title: string;
  readonly detail: string;
  /** Whether the same request may succeed a second later. */
  readonly retry?: boolean;
  /** Whether the client's connection is closed, for others to have it. */
  readonly close?: boolean;
}

/** The directives of a server that answer nginx's own refusals with problem+json; a worker's problems pass untouched. */
export function problemPages(): Directive[] {
  return refusals.flatMap((refusal: Refusal) => {
    const { status, nginxCode, title, detail, retry, close } = refusal;
    const page = `/.problems/${nginxCode ?? status}`;
    const codes = nginxCode ? [`${nginxCode}`, `=${status}`] : [`${status}`];
    return [
      directive('error_page', ...codes, page),
      block(
        'location',
        ['=', page],
        [
          directive('internal'),
          directive('default_type', 'application/problem+json'),
          ...(close ? [directive('keepalive_timeout', '0')] : []),
          ...(retry ? [directive('add_header', 'Retry-After', '1', 'always')] : []),
          directive('return', `${status}`, jsonText({ type: 'about:blank', title, status, detail })),
        ],
      ),
    ];
  });
}
