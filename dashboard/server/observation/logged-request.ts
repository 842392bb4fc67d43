/** A request of k6, as nginx logged it when its last byte had gone out. */
export interface LoggedRequest {
  /** Seconds since 1970. */
  readonly endedAt: number;
  /** Of nginx, by which it tells the deployments apart. */
  readonly port: number;
  /** As the client saw it; 499: the client gave up. */
  readonly status: number;
  /** Seconds from nginx's first byte of the request to its last of the answer. */
  readonly responseTime: number;
  readonly dot: number | undefined;
  /** The name of the worker that answered. */
  readonly worker: string | undefined;
  /** Seconds for which its worker was at work on it, and of these waited for the database; 0 when no worker answered. */
  readonly app: number;
  readonly databaseWait: number;
}

/** Where in a line each field stands; see nginx/live-log.ts. */
const [ENDED_AT, PORT, STATUS, RESPONSE_TIME, DOT, WORKER, TIMING, FIELDS] = [0, 1, 2, 3, 4, 5, 6, 7];
const wholeNumber = /^[1-9]\d{0,15}$/;
const serverTiming = /^db;dur=(\d{1,9}(?:\.\d+)?), app;dur=(\d{1,9}(?:\.\d+)?)$/;

/** The request that a line of nginx's log for the dashboard tells of; `undefined` for a line that is not whole. */
export function requestIn(line: string): LoggedRequest | undefined {
  const fields = line.split('\t');
  const [endedAt, port, status] = [Number(fields[ENDED_AT]), Number(fields[PORT]), Number(fields[STATUS])];
  const responseTime = Number(fields[RESPONSE_TIME]);
  // The sum is no number when one of them is none.
  if (fields.length !== FIELDS || !Number.isFinite(endedAt + port + status + responseTime)) return undefined;
  const worker = fields[WORKER];
  const timing = serverTiming.exec(fields[TIMING] ?? '');
  return {
    endedAt,
    port,
    status,
    responseTime,
    dot: dotIn(fields[DOT] ?? ''),
    worker: worker === '-' ? undefined : worker,
    app: timing === null ? 0 : Number(timing[2]) / 1000,
    databaseWait: timing === null ? 0 : Number(timing[1]) / 1000,
  };
}

function dotIn(field: string): number | undefined {
  if (!wholeNumber.test(field)) return undefined;
  const dot = Number(field);
  return Number.isSafeInteger(dot) ? dot : undefined;
}
