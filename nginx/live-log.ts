import { block, type Directive, directive, tabSeparated, trusted } from './nginx-conf.ts';

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
/** A request of nobody else is in the dashboard's log: its counts are held against k6's. */
const USER_AGENT = 'loadline-live';

/** What the servers' dashboard's logs have in common: the format, fields between tabs, and whose requests are told. */
export function liveLogCommon(): Directive[] {
  return [
    directive('log_format', FORMAT, tabSeparated(...fields)),
    block(
      'map',
      [trusted`$http_user_agent`, trusted`$of_live_load`],
      [directive('default', '0'), directive(USER_AGENT, '1')],
    ),
  ];
}

/** Has a server write the dashboard's log. It is opened to append to: whoever cuts it short leaves no hole. */
export function liveLog(path: string): Directive {
  return directive('access_log', path, FORMAT, 'buffer=64k', 'flush=100ms', trusted`if=$of_live_load`);
}
