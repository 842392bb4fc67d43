import { limits } from '../services/limits.ts';
import { answer, block, type Directive, directive, trusted } from './nginx-conf.ts';
import { awayPage, type Listing, topologiesPage } from './page.ts';

/** What browsers are shown. */
export interface Pages {
  readonly port: number;
  readonly listing: Listing;
  /** Where the dashboard serves its page: `127.0.0.1:3000` or `dashboard:3000`. Absent: there is none, only the list of topologies. */
  readonly dashboard?: string;
}

const UPSTREAM = 'dashboard';
/** No address of the dashboard's. */
const AWAY = '/.away';
/** The dashboard says something every second to whoever watches. */
const SILENCE = 60;
/** Seconds until a browser that found no dashboard asks again. */
const AGAIN = 2;

/**
 * The dashboard for browsers, and the list of the topologies at `/topologies`. When the dashboard is away the list takes
 * its place, and asks for it again by itself. With a `resolver`, the address of a name server, the dashboard's host is
 * looked up again and again, so that nginx starts without it; needs nginx 1.27.3.
 */
export function pageServer({ port, listing, dashboard }: Pages, host: string, resolver?: string): Directive[] {
  const list = (path: string) => block('location', ['=', path], page(200, topologiesPage(listing)));
  const server = (...locations: Directive[]) =>
    block('server', [], [directive('listen', `${host}:${port}`), list('/topologies'), ...locations]);
  if (dashboard === undefined) return [server(list('/'), block('location', ['/'], [directive('return', '404')]))];
  const away = [directive('internal'), directive('add_header', 'Refresh', `${AGAIN}`, 'always')];
  return [
    block(
      'upstream',
      [UPSTREAM],
      [
        directive('zone', UPSTREAM, '64k'),
        // Whoever opens the page waits for it.
        ...(resolver ? [directive('resolver', resolver, 'valid=1s', 'ipv6=off')] : []),
        directive('server', dashboard, 'max_fails=0', ...(resolver ? ['resolve'] : [])),
        directive('keepalive', '16'),
        directive('keepalive_timeout', `${limits.nginx.upstreamKeepAlive}s`),
      ],
    ),
    server(
      block('location', ['=', AWAY], [...away, ...page(502, awayPage(listing))]),
      block('location', ['/'], toDashboard),
    ),
  ];
}

const toDashboard = [
  directive('proxy_pass', `http://${UPSTREAM}`),
  directive('error_page', '502', '504', AWAY),
  directive('proxy_http_version', '1.1'),
  directive('proxy_set_header', 'Connection', ''),
  // With its port, as the browser sent it: the dashboard holds it against the origin of a request.
  directive('proxy_set_header', 'Host', trusted`$http_host`),
  directive('proxy_set_header', 'X-Forwarded-For', trusted`$remote_addr`),
  // Events go out as they happen.
  directive('proxy_buffering', 'off'),
  directive('proxy_connect_timeout', `${limits.nginx.connect}s`),
  directive('proxy_read_timeout', `${SILENCE}s`),
  directive('proxy_next_upstream', 'off'),
];

function page(status: number, html: string): Directive[] {
  return [
    directive('default_type', 'text/html'),
    directive('charset', 'utf-8'),
    directive('add_header', 'Cache-Control', 'no-cache', 'always'),
    ...answer(status, html),
  ];
}
