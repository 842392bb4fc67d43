import { closeSync, fstatSync, ftruncateSync, openSync, readSync, type Stats, statSync } from 'node:fs';

export interface RequestLogOptions {
  /** Called with each whole line, without its end. */
  readonly onLine: (line: string) => void;
  /** Told once when the log cannot be read for a while. */
  readonly say: (line: string) => void;
  /** Bytes after which the file is cut short. */
  readonly longest?: number;
}

const LONGEST = 16 * 1024 * 1024;
/** Bytes that are read at once, and of a line at most: nginx takes no longer headers. */
const PIECE = 256 * 1024;
/** Looks between two looks whether the file is still the same. */
const LOOKS_PER_CHECK = 10;
/** Looks, for a minute, before it is said that there is none: nginx may be the last to start. */
const LOOKS_IN_VAIN = 600;

interface OpenLog {
  readonly descriptor: number;
  readonly device: number;
  readonly inode: number;
}

/**
 * The end of a log that nginx appends to, read whenever it is looked at. Only what is written after the first look is
 * read; the file may come later, and be cut short or replaced. When it has grown long it is cut to nothing, after its
 * last byte was read: nginx goes on at the new end, since it appends.
 */
export class RequestLog {
  readonly #path: string;
  readonly #options: RequestLogOptions;
  readonly #longest: number;
  readonly #piece = Buffer.allocUnsafe(PIECE);
  #log: OpenLog | undefined;
  #position = 0;
  /** The beginning of a line whose end is not written yet. */
  #begun = '';
  /** The line is too long: it is passed over to its end. */
  #passingOver = false;
  #looks = 0;
  #inVain = 0;

  constructor(path: string, options: RequestLogOptions) {
    this.#path = path;
    this.#options = options;
    this.#longest = options.longest ?? LONGEST;
  }

  /** Reads what has come since the last look; costs next to nothing when that is nothing. */
  look(): void {
    this.#looks += 1;
    try {
      this.#log ??= this.#open();
      this.#read(this.#log);
      if (this.#looks % LOOKS_PER_CHECK === 0) this.#followReplacement(this.#log);
      this.#inVain = 0;
    } catch (error) {
      this.close();
      this.#inVain += 1;
      if (this.#inVain === LOOKS_IN_VAIN) {
        this.#options.say(
          `nginx's log of requests cannot be read, so no answer is seen: ${(error as Error).message}. It is looked for again and again.`,
        );
      }
    }
  }

  close(): void {
    if (this.#log !== undefined) closeSync(this.#log.descriptor);
    this.#log = undefined;
  }

  #open(): OpenLog {
    const descriptor = openSync(this.#path, 'r+');
    const { size, dev: device, ino: inode } = fstatSync(descriptor);
    this.#position = this.#looks === 1 ? size : 0;
    this.#begin();
    return { descriptor, device, inode };
  }

  #read({ descriptor }: OpenLog): void {
    const { size } = fstatSync(descriptor);
    if (size < this.#position) {
      this.#position = 0;
      this.#begin();
    }
    if (size > this.#position) {
      for (;;) {
        const length = readSync(descriptor, this.#piece, 0, PIECE, this.#position);
        if (length === 0) break;
        this.#position += length;
        this.#take(this.#piece.toString('latin1', 0, length));
      }
    }
    // Nothing comes between the last byte that was read and this, or next to nothing: nginx writes some times a second.
    if (this.#position > this.#longest) {
      ftruncateSync(descriptor);
      this.#position = 0;
    }
  }

  #take(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      if (!this.#passingOver) this.#options.onLine(this.#begun + text.slice(start, end));
      this.#begin();
      start = end + 1;
    }
    if (!this.#passingOver) this.#begun += text.slice(start);
    if (this.#begun.length > PIECE) {
      this.#begun = '';
      this.#passingOver = true;
    }
  }

  #begin(): void {
    this.#begun = '';
    this.#passingOver = false;
  }

  /** A file that is gone is read on, until there is another in its place. */
  #followReplacement(log: OpenLog): void {
    const there: Stats | undefined = statSync(this.#path, { throwIfNoEntry: false });
    if (there === undefined || (there.ino === log.inode && there.dev === log.device)) return;
    this.close();
    this.#log = this.#open();
    this.#read(this.#log);
  }
}
