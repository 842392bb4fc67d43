import { dirname } from 'node:path';
import { limits } from '../model/limits.ts';
import { answer, block, type Directive, directive, trusted } from './nginx-conf.ts';
import { awayPage, type Listing, REASON_FILE, topologiesPage } from './page.ts';

/** What browsers are shown. */
export interface Pages {
  readonly port: number;
  readonly listing: Listing;
  /** Where the dashboard serves its page: `127.0.0.1:3000` or `dashboard:3000`. Absent: there is none, only the list of topologies. */
  readonly dashboard?: string;
}

/** What the page's server shares with the others. */
export interface Listening {
  /** The address that it listens on. */
  readonly host: string;
  /** The address of a name server, which is asked for the dashboard's host again and again; needs nginx 1.27.3. */
  readonly resolver?: string;
  /** The dashboard's log; the reason why a dashboard cannot start lies beside it. */
  readonly liveLog?: string;
}

const UPSTREAM = 'dashboard';
/** No address of the dashboard's. */
const AWAY = '/.away';
const LISTED = '@listed';
/** The dashboard says something every second to whoever watches. */
const SILENCE = 60;
/** Seconds until a browser that found no dashboard asks again. */
const AGAIN = 2;

/**
 * The dashboard for browsers, and the list of the topologies at `/topologies`. While the dashboard is away its page is the
 * reason that it gave for not starting, otherwise the list; either asks for the dashboard again by itself. nginx starts
 * without the dashboard where a `resolver` looks its host up.
 */
export function pageServer({ port, listing, dashboard }: Pages, { host, resolver, liveLog }: Listening): Directive[] {
  const list = (path: string) => block('location', ['=', path], page(200, topologiesPage(listing)));
  const server = (...locations: Directive[]) =>
    block('server', [], [directive('listen', `${host}:${port}`), list('/topologies'), ...locations]);
  if (dashboard === undefined) return [server(list('/'), block('location', ['/'], [directive('return', '404')]))];
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
    server(...away(listing, liveLog), block('location', ['/'], toDashboard)),
  ];
}

/** What browsers are shown in the place of a dashboard that is away. */
function away(listing: Listing, liveLog?: string): Directive[] {
  const again = directive('add_header', 'Refresh', `${AGAIN}`, 'always');
  const listed = [again, ...page(502, awayPage(listing))];
  if (liveLog === undefined) return [block('location', ['=', AWAY], [directive('internal'), ...listed])];
  const reason = [directive('root', dirname(liveLog)), directive('try_files', `/${REASON_FILE}`, LISTED)];
  return [
    block('location', ['=', AWAY], [directive('internal'), again, ...html, ...reason]),
    block('location', [LISTED], listed),
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
  // Events go out as they happen, through a proxy before this one too.
  directive('proxy_buffering', 'off'),
  directive('proxy_pass_header', 'X-Accel-Buffering'),
  directive('proxy_connect_timeout', `${limits.nginx.connect}s`),
  directive('proxy_read_timeout', `${SILENCE}s`),
  directive('proxy_next_upstream', 'off'),
];

function page(status: number, text: string): Directive[] {
  return [...html, ...answer(status, text)];
}

const html = [
  directive('default_type', 'text/html'),
  directive('charset', 'utf-8'),
  directive('add_header', 'Cache-Control', 'no-cache', 'always'),
];
