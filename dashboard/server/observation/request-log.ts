import { closeSync, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs';

/** A request of k6, as nginx logged it when the last byte of its answer was sent. */
export interface LoggedRequest {
  /** Seconds since 1970. */
  readonly endedAt: number;
  /** The port of nginx, which identifies the deployment. */
  readonly port: number;
  /** As the client saw it; 499: the client gave up. */
  readonly status: number;
  /** Seconds from the first byte of the request to the last of the answer. */
  readonly responseTime: number;
  readonly dot: number | undefined;
  /** The name of the worker that answered. */
  readonly worker: string | undefined;
  /** Seconds that its worker spent on it, and waited for the database; 0 when no worker answered. */
  readonly app: number;
  readonly databaseWait: number;
}

/** Positions of the fields in a line; see nginx/live-log.ts. */
const [ENDED_AT, PORT, STATUS, RESPONSE_TIME, DOT, WORKER, TIMING, FIELDS] = [0, 1, 2, 3, 4, 5, 6, 7];
const wholeNumber = /^[1-9]\d{0,15}$/;
const serverTiming = /^db;dur=(\d{1,9}(?:\.\d+)?), app;dur=(\d{1,9}(?:\.\d+)?)$/;

/** Parses a line of nginx's log; `undefined` for a line that is not whole. */
export function parseLoggedRequest(line: string): LoggedRequest | undefined {
  const fields = line.split('\t');
  const [endedAt, port, status] = [Number(fields[ENDED_AT]), Number(fields[PORT]), Number(fields[STATUS])];
  const responseTime = Number(fields[RESPONSE_TIME]);
  // The sum is not finite when one of them is not a number.
  if (fields.length !== FIELDS || !Number.isFinite(endedAt + port + status + responseTime)) return undefined;
  const worker = fields[WORKER];
  const timing = serverTiming.exec(fields[TIMING] ?? '');
  return {
    endedAt,
    port,
    status,
    responseTime,
    dot: parseDot(fields[DOT] ?? ''),
    worker: worker === '-' ? undefined : worker,
    app: timing === null ? 0 : Number(timing[2]) / 1000,
    databaseWait: timing === null ? 0 : Number(timing[1]) / 1000,
  };
}

function parseDot(field: string): number | undefined {
  const dot = Number(field);
  return wholeNumber.test(field) && Number.isSafeInteger(dot) ? dot : undefined;
}

interface RequestLogOptions {
  /** Called with each whole line, without its end. */
  readonly onLine: (line: string) => void;
  /** Called once when the log cannot be read for a while. */
  readonly say: (line: string) => void;
  /** Bytes after which the file is truncated. */
  readonly longest?: number;
}

const LONGEST = 16 * 1024 * 1024;
/** Bytes that are read at once, and of an unfinished line at most. */
const PIECE = 256 * 1024;
/** Looks between two checks whether the file was replaced. */
const LOOKS_PER_CHECK = 10;
/** Failed looks, a minute of them, before a message: nginx may start last. */
const FAILURES_PER_MESSAGE = 600;

interface OpenLog {
  readonly descriptor: number;
  readonly inode: number;
}

/**
 * Reads what nginx appends to its log, from the first look on. The file may come later, be truncated or replaced. When it
 * has grown long it is truncated after its last byte was read; nginx goes on at the new end, since it appends.
 */
export class RequestLog {
  readonly #path: string;
  readonly #options: RequestLogOptions;
  readonly #piece = Buffer.allocUnsafe(PIECE);
  #log: OpenLog | undefined;
  #position = 0;
  /** A line whose end is not written yet. */
  #unfinished = '';
  #looks = 0;
  #failures = 0;

  constructor(path: string, options: RequestLogOptions) {
    this.#path = path;
    this.#options = options;
  }

  /** Reads what was written since the last look. */
  look(): void {
    this.#looks += 1;
    try {
      this.#log ??= this.#open();
      this.#read(this.#log);
      if (this.#looks % LOOKS_PER_CHECK === 0 && this.#isReplaced(this.#log)) {
        this.close();
        this.#log = this.#open();
        this.#read(this.#log);
      }
      this.#failures = 0;
    } catch (error) {
      this.close();
      this.#failures += 1;
      if (this.#failures !== FAILURES_PER_MESSAGE) return;
      this.#options.say(`nginx's request log cannot be read, so no answer is seen: ${(error as Error).message}.`);
    }
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log.descriptor);
    this.#log = undefined;
  }

  #open(): OpenLog {
    const descriptor = openSync(this.#path, 'r+');
    const { size, ino: inode } = fstatSync(descriptor);
    this.#restart(this.#looks === 1 ? size : 0);
    return { descriptor, inode };
  }

  #isReplaced({ inode }: OpenLog): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found !== undefined && found.ino !== inode;
  }

  #read({ descriptor }: OpenLog): void {
    const { size } = fstatSync(descriptor);
    if (size < this.#position) this.#restart(0);
    while (this.#position < size) {
      const length = readSync(descriptor, this.#piece, 0, PIECE, this.#position);
      if (length === 0) break;
      this.#position += length;
      this.#takeLines(this.#piece.toString('latin1', 0, length));
    }
    // nginx writes some times a second: hardly anything is written between the last read and this.
    if (this.#position <= (this.#options.longest ?? LONGEST)) return;
    ftruncateSync(descriptor);
    this.#position = 0;
  }

  #takeLines(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#options.onLine(this.#unfinished + text.slice(start, end));
      this.#unfinished = '';
      start = end + 1;
    }
    this.#unfinished += text.slice(start);
    if (this.#unfinished.length > PIECE) this.#unfinished = '';
  }

  #restart(position: number): void {
    this.#position = position;
    this.#unfinished = '';
  }
}
