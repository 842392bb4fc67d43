import { dirname } from 'node:path';
import { limits } from '../model/limits.ts';
import type { PlannedDeployment } from '../model/stack-plan.ts';
import { type TopologyName, topologyOf } from '../model/topology.ts';
import { answer, block, type Directive, directive, trusted } from './nginx-conf.ts';
import { plainPage } from './plain-page.ts';

/** What browsers are shown. */
export interface Pages {
  readonly port: number;
  readonly listing: Listing;
  /** Where the dashboard serves its page: `127.0.0.1:3000` or `dashboard:3000`. Absent: there is none, only the list of topologies. */
  readonly dashboard?: string;
}

/** What the page's server shares with the others. */
interface Listening {
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
/** The dashboard sends something every second to each open page. */
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
        // The browser waits for it.
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

/** Beside the dashboard's log: the page that a dashboard writes which cannot start, to say why. */
export const REASON_FILE = 'reason.html';

/** What is there and what is not. */
export interface Listing {
  readonly present: readonly PlannedDeployment[];
  /** What tells why the dashboard is away; absent: there are no containers. */
  readonly logs?: string;
  readonly absent: readonly {
    readonly topology: TopologyName;
    /** The command that starts it beside what is there. */
    readonly start: string;
  }[];
}

/** The list of the topologies, for browsers; the same for the same listing. */
export function topologiesPage(listing: Listing): string {
  return renderListing(listing, '<p>See them at work: <a href="/">the dashboard</a>.</p>');
}

/** The same in the dashboard's place. */
export function awayPage(listing: Listing): string {
  const { logs } = listing;
  const why = logs === undefined ? '' : ` If this lasts longer than half a minute, this says why: <code>${logs}</code>`;
  return renderListing(
    listing,
    `<p role="status"><strong>The dashboard is starting, or away.</strong> This page asks for it again by itself.${why}</p>`,
  );
}

function renderListing({ present, absent }: Listing, first: string): string {
  return plainPage({
    body: `<h1>Loadline</h1>
${first}
<p>One service, deployed in each of these ways behind one nginx and in front of one Postgres.
Ask any of them: the header <code>x-worker</code> tells who answered.</p>
${present.map(here).join('\n')}
${absent.map(missing).join('\n')}`,
  });
}

const examples = [
  { path: '/plain', means: 'no work at all' },
  { path: '/wait?ms=20', means: 'waits for the database' },
  { path: '/cpu?units=100', means: 'computes' },
  { path: '/items/7', means: 'reads one row' },
] as const;

function here({ deployment, publishedPort }: PlannedDeployment): string {
  const { topology, spec, processes, threadsPerProcess, databaseConnections } = deployment;
  const address = `http://127.0.0.1:${publishedPort}`;
  const links = examples.map(({ path, means }) => `<a href="${address}${path}" title="${means}">${path}</a>`);
  return `<section>
<h2>${topology} <small>${address}</small></h2>
<p>${sentence(spec.shows)}</p>
<p><b>${processes}</b> ${plural('process', 'processes', processes)} ×
<b>${threadsPerProcess}</b> ${plural('worker thread', 'worker threads', threadsPerProcess)},
<b>${databaseConnections}</b> ${plural('database connection', 'database connections', databaseConnections)}</p>
<nav>${links.join('\n')}</nav>
</section>`;
}

function missing({ topology, start }: Listing['absent'][number]): string {
  return `<section class="absent">
<h2>${topology} <small>not started</small></h2>
<p>${sentence(topologyOf(topology).shows)}</p>
<p>Beside what is there: <code>${start}</code></p>
</section>`;
}

function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}

function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many;
}
