import type { TestContext } from 'node:test';

/** Stands in for the browser's worker: does what a test tells it to. */
export class FakeWorker {
  static #made: FakeWorker[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onmessageerror: (() => void) | null = null;
  onerror: ((event: { message: string | undefined }) => void) | null = null;
  readonly asked: unknown[] = [];
  ended = false;

  constructor() {
    FakeWorker.#made.push(this);
  }

  /** Puts it in the browser's place. */
  static install(): void {
    Object.assign(globalThis, { Worker: FakeWorker });
  }

  /** Lets no worker be made as long as the test takes. */
  static refuse(test: TestContext, why: string): void {
    const refusing = class {
      constructor() {
        throw new Error(why);
      }
    };
    Object.assign(globalThis, { Worker: refusing });
    test.after(FakeWorker.install);
  }

  /** The one that was asked last. */
  static latest(): FakeWorker {
    const [latest] = FakeWorker.#made.toSorted((one, other) => other.#askedAt - one.#askedAt);
    if (latest === undefined) throw new Error('no worker was made');
    return latest;
  }

  static get count(): number {
    return FakeWorker.#made.length;
  }

  static #questions = 0;
  #askedAt = 0;

  postMessage(question: unknown): void {
    this.asked.push(question);
    FakeWorker.#questions += 1;
    this.#askedAt = FakeWorker.#questions;
  }

  terminate(): void {
    this.ended = true;
  }

  say(data: unknown): void {
    this.onmessage?.({ data });
  }

  garble(): void {
    this.onmessageerror?.();
  }

  /** Without a message: its file could not be loaded. */
  breakDown(message: string | undefined): void {
    this.onerror?.({ message });
  }
}
