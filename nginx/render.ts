import { CANCEL_ON_CLOSE } from '../model/contract/contract.ts';
import { LoadlineError } from '../model/errors.ts';
import { limits } from '../model/limits.ts';
import { listEndpoints, type PlannedDeployment } from '../model/stack-plan.ts';
import { block, type Directive, directive, jsonText, serialise, tabSeparated, trusted } from './nginx-conf.ts';
import { type Pages, pageServer } from './page.ts';

export interface NginxSettings {
  /** Of the nginx that will read it: `1.22.1`. */
  readonly version: string;
  /** Absolute; for process number, logs and what does not fit into memory. */
  readonly folder: string;
  /** `files` in its folder, or the `streams` stdout and stderr. */
  readonly logs: 'files' | 'streams';
  readonly daemon: boolean;
  /** The address that it listens on. */
  readonly host: string;
  /** Where `stub_status` answers, on the loopback address. */
  readonly statusPort: number;
  readonly workerProcesses: number;
  /** Connections of each of nginx's processes to clients and workers together; each request in progress needs two. */
  readonly connections: number;
  /** A slow worker is not a dead one, and a request is never sent twice. */
  readonly measuring: boolean;
  /** Whether each request is logged, as a line of JSON. */
  readonly accessLog: boolean;
  /** The file, absolute, in which the dashboard reads of its load's requests (live-log.ts); absent: none is written. */
  readonly liveLog?: string;
  readonly deployments: readonly PlannedDeployment[];
  readonly absent?: readonly Absence[];
  /** The address of a name server, which is asked for the workers' hosts again and again; without it they are asked for once. Needs nginx 1.27.3. */
  readonly resolver?: string;
  /** What browsers are shown; absent: nothing. */
  readonly pages?: Pages;
}

/** Files that nginx has open beside its connections: logs, listening sockets, pipes between its processes. */
const OTHER_FILES = 128;
/** With more, the backlogs of the workers' sockets are full first. */
const MOST_CONNECTIONS = 16_384;
/** While measuring, an overload of hundreds of requests has to reach the workers. */
const FEWEST_CONNECTIONS = { measuring: 1024, serving: 512 } as const;
/** Idle connections to the workers of a deployment that each of nginx's processes keeps at most. */
const MOST_IDLE = 1024;
/** Connections that no request to a deployment takes: listening sockets, the page's streams, clients that are refused. */
const OTHER_CONNECTIONS = 64;
/** Names the shared memory in which nginx counts the requests in progress. */
const IN_PROGRESS = 'in-progress';

/** The text of an `nginx.conf` that puts one server in front of each deployment; the same for the same settings. */
export function renderNginx(settings: NginxSettings): string {
  const { folder, connections } = settings;
  return serialise([
    directive('daemon', settings.daemon ? 'on' : 'off'),
    directive('pid', `${folder}/nginx.pid`),
    directive('error_log', settings.logs === 'files' ? `${folder}/error.log` : 'stderr', 'warn'),
    directive('worker_processes', `${settings.workerProcesses}`),
    // A page's stream of events does not end by itself.
    ...(settings.pages?.dashboard ? [directive('worker_shutdown_timeout', `${limits.worker.drain}s`)] : []),
    directive('worker_rlimit_nofile', `${connections + OTHER_FILES}`),
    block('events', [], [directive('worker_connections', `${connections}`)]),
    block(
      'http',
      [],
      [
        ...common(settings),
        ...settings.deployments.flatMap(planned => [upstream(planned, settings), server(planned, settings)]),
        ...(settings.absent ?? []).map(absence => absentServer(absence, settings.host)),
        ...(settings.pages ? pageServer(settings.pages, settings) : []),
        statusServer(settings.statusPort),
      ],
    ),
  ]);
}

/**
 * How many connections a process of nginx may have where it may open so many files. `raise` says how the user raises
 * that limit to a number of files, for an error when they are too few.
 */
export function connectionsWithin(openFiles: number, measuring: boolean, raise: (files: number) => string): number {
  const connections = Math.min(MOST_CONNECTIONS, openFiles - OTHER_FILES);
  const fewest = FEWEST_CONNECTIONS[measuring ? 'measuring' : 'serving'] + OTHER_FILES;
  if (openFiles >= fewest) return connections;
  throw new LoadlineError(
    'open-files-limited',
    `nginx may open ${openFiles} files and needs at least ${fewest}${measuring ? ' to measure' : ''}: ${raise(fewest)}`,
  );
}

/** Idle connections of all deployments take half of nginx's connections at most: the rest is for requests. */
function idleConnections({ connections, deployments }: NginxSettings): number {
  return Math.min(MOST_IDLE, Math.floor(connections / 2 / Math.max(1, deployments.length)));
}

/**
 * Requests in progress beyond which nginx answers 503 at once, where it has few connections: out of connections it would
 * close those of its clients without an answer. One process may have all of the requests, and each takes two connections.
 */
function mostInProgress(settings: NginxSettings): number | undefined {
  const { connections, measuring, deployments } = settings;
  if (measuring || connections >= MOST_CONNECTIONS) return undefined;
  return Math.floor((connections - deployments.length * idleConnections(settings) - OTHER_CONNECTIONS) / 2);
}

function common(settings: NginxSettings): Directive[] {
  const { version, folder, resolver } = settings;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    ...temporary.map(kind => directive(`${kind}_temp_path`, `${folder}/${kind}-temp`)),
    directive('log_format', 'requests', 'escape=json', requestLine),
    ...(settings.liveLog !== undefined ? liveLogCommon() : []),
    accessLog(settings) ?? directive('access_log', 'off'),
    // A container that is replaced may get another's former address.
    ...(resolver ? [directive('resolver', resolver, 'valid=5s', 'ipv6=off')] : []),
    ...(mostInProgress(settings) === undefined
      ? []
      : [directive('limit_conn_zone', 'all', `zone=${IN_PROGRESS}:64k`), directive('limit_conn_log_level', 'info')]),
    directive('server_tokens', 'off'),
    directive('tcp_nodelay', 'on'),
    // Every topology's bytes go out as its worker wrote them.
    directive('gzip', 'off'),
    directive('client_header_timeout', `${limits.nginx.clientHeader}s`),
    directive('client_body_timeout', `${limits.nginx.clientBody}s`),
    directive('send_timeout', `${limits.nginx.send}s`),
    directive('keepalive_timeout', `${limits.nginx.clientKeepAlive}s`),
    directive('keepalive_requests', '1000000'),
    // Older versions lose a few POSTs over kept-alive connections at a reload.
    ...(isAtLeast(version, '1.27.4') ? [directive('keepalive_min_timeout', '5s')] : []),
    directive('reset_timedout_connection', 'on'),
    // Above the workers' own limits, so that it is they who answer.
    directive('client_header_buffer_size', '4k'),
    directive('large_client_header_buffers', '4', `${limits.nginx.headerSize}`),
    directive('client_max_body_size', `${limits.nginx.bodySize}`),
    // Request and response stay in memory: the disk is Postgres's alone.
    directive('client_body_buffer_size', `${limits.nginx.bodySize}`),
    directive('proxy_buffers', '8', '16k'),
    directive('proxy_buffer_size', '16k'),
    directive('proxy_max_temp_file_size', '0'),
  ];
}

function accessLog({ folder, logs, accessLog }: NginxSettings): Directive | undefined {
  if (!accessLog) return undefined;
  const path = logs === 'files' ? `${folder}/access.log` : '/dev/stdout';
  return directive('access_log', path, 'requests', 'buffer=64k', 'flush=1s');
}

const requestLine = trusted`{"time":$msec,"server_port":$server_port,"method":"$request_method","uri":"$request_uri","status":$status,"bytes":$bytes_sent,"request_time":$request_time,"request_id":"$request_id","upstream":"$upstream_addr","upstream_status":"$upstream_status","upstream_connect_time":"$upstream_connect_time","upstream_header_time":"$upstream_header_time","upstream_response_time":"$upstream_response_time"}`;

function upstream(planned: PlannedDeployment, settings: NginxSettings): Directive {
  const { measuring, resolver } = settings;
  const { id, deployment } = planned;
  const endpoints = listEndpoints(planned);
  const failures = measuring ? ['max_fails=0'] : ['max_fails=1', `fail_timeout=${limits.nginx.leaveOut}s`];
  const resolving = resolver ? ['resolve'] : [];
  return block(
    'upstream',
    [id],
    [
      directive('zone', id, `${Math.max(256, 4 * endpoints.length)}k`),
      // The method stands before `keepalive`, which wraps it.
      directive('least_conn'),
      ...endpoints.map(endpoint => directive('server', endpoint, ...failures, ...resolving)),
      ...(deployment.spec.keepAlive
        ? [
            directive('keepalive', `${idleConnections(settings)}`),
            directive('keepalive_requests', '1000000'),
            directive('keepalive_time', '1h'),
            directive('keepalive_timeout', `${limits.nginx.upstreamKeepAlive}s`),
          ]
        : []),
    ],
  );
}

function server({ id, nginxPort }: PlannedDeployment, settings: NginxSettings): Directive {
  const { host, measuring } = settings;
  const inProgress = mostInProgress(settings);
  return block(
    'server',
    [],
    [
      // A burst of thousands waits in the kernel instead of being turned away.
      // With few connections none waits for a request: out of connections nginx would close those that do.
      directive('listen', `${host}:${nginxPort}`, 'backlog=4096', ...(inProgress === undefined ? [] : ['deferred'])),
      directive('server_name', 'localhost'),
      ...siteLogs(settings),
      ...problemPages(),
      block(
        'location',
        ['/'],
        [
          ...(inProgress === undefined ? [] : [directive('limit_conn', IN_PROGRESS, `${inProgress}`)]),
          directive('proxy_pass', `http://${id}`),
          directive('proxy_intercept_errors', 'off'),
          // Defaults differ from version to version; upstream keep-alive needs both.
          directive('proxy_http_version', '1.1'),
          directive('proxy_set_header', 'Connection', ''),
          directive('proxy_set_header', 'Host', trusted`$host:$server_port`),
          directive('proxy_set_header', 'X-Request-Id', trusted`$request_id`),
          directive('proxy_set_header', 'X-Forwarded-For', trusted`$remote_addr`),
          directive('proxy_set_header', 'X-Forwarded-Proto', trusted`$scheme`),
          directive('proxy_connect_timeout', `${limits.nginx.connect}s`),
          directive('proxy_send_timeout', `${limits.nginx.send}s`),
          directive('proxy_read_timeout', `${limits.nginx.read}s`),
          ...(measuring
            ? [directive('proxy_next_upstream', 'off')]
            : [
                directive('proxy_set_header', CANCEL_ON_CLOSE, '1'),
                directive('proxy_next_upstream', 'error', 'timeout'),
                directive('proxy_next_upstream_tries', '2'),
                directive('proxy_next_upstream_timeout', `${limits.nginx.passOn}s`),
              ]),
        ],
      ),
    ],
  );
}

/** A log of a server's own takes the place of those of all servers, so that both are named. */
function siteLogs(settings: NginxSettings): Directive[] {
  if (settings.liveLog === undefined) return [];
  const own = liveLog(settings.liveLog);
  const others = accessLog(settings);
  return others ? [others, own] : [own];
}

function isAtLeast(version: string, wanted: string): boolean {
  return version.localeCompare(wanted, 'en', { numeric: true }) >= 0;
}

/** A topology that clients may look for and that is not deployed. */
interface Absence {
  readonly port: number;
  /** What to do about it, in a sentence. */
  readonly advice: string;
}

/** Answers for a topology that is not deployed. */
function absentServer({ port, advice }: Absence, host: string): Directive {
  const detail = `This topology is not deployed here. ${advice}`;
  return block(
    'server',
    [],
    [
      directive('listen', `${host}:${port}`),
      directive('default_type', 'application/problem+json'),
      directive('return', '503', jsonText({ type: 'about:blank', title: 'Service Unavailable', status: 503, detail })),
    ],
  );
}

/** Tells nginx's own figures, to this machine or container alone. */
function statusServer(port: number): Directive {
  return block(
    'server',
    [],
    [
      directive('listen', `127.0.0.1:${port}`),
      directive('access_log', 'off'),
      block('location', ['=', '/status'], [directive('stub_status')]),
      block('location', ['/'], [directive('return', '404')]),
    ],
  );
}

/** What the line of a request holds, in this order; what there is not is a `-`. */
const fields = [
  // When its last byte went out, in seconds since 1970.
  'msec',
  'server_port',
  'status',
  'request_time',
  'http_x_loadline_dot',
  'upstream_http_x_worker',
  'upstream_http_server_timing',
] as const;

/** The name of the format. */
const FORMAT = 'live';
/** Only k6's requests are in the dashboard's log, since its counts are compared with k6's. */
const USER_AGENT = 'loadline-live';

/** What the servers' dashboard's logs have in common: the format, fields between tabs, and whose requests are told. */
function liveLogCommon(): Directive[] {
  return [
    directive('log_format', FORMAT, tabSeparated(...fields)),
    block(
      'map',
      [trusted`$http_user_agent`, trusted`$of_live_load`],
      [directive('default', '0'), directive(USER_AGENT, '1')],
    ),
  ];
}

/** Has a server write the dashboard's log. It is opened to append, so that truncating it leaves no hole. */
function liveLog(path: string): Directive {
  return directive('access_log', path, FORMAT, 'buffer=64k', 'flush=100ms', trusted`if=$of_live_load`);
}

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
  // nginx's own code for headers that are too large.
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
function problemPages(): Directive[] {
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
