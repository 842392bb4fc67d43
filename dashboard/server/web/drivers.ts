import { type Clock, systemClock } from '../clock.ts';
import { Refusal } from '../parts.ts';

/** Seconds for which the wheel is kept for who has left: a page that is loaded again comes back to it. */
const KEPT = 5;
/** Seconds without a touch after which others may take the wheel. */
const UNTOUCHED = 120;

/** Who drives: one client at a time, and the others watch. */
export class Drivers {
  /** Called whenever `driver` has become another one. */
  onChange: () => void = () => {};
  readonly #clock: Clock;
  readonly #watching = new Set<string>();
  #driver: string | undefined;
  #touchedAt = 0;
  /** When the driver was last seen; it is seen as long as it watches. */
  #seenAt = 0;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** The client that drives. */
  get driver(): string | undefined {
    return this.#driver;
  }

  /** A client has begun to watch. */
  came(client: string): void {
    this.#watching.add(client);
  }

  /** A client no longer watches. */
  left(client: string): void {
    this.#watching.delete(client);
    if (client === this.#driver) this.#seenAt = this.#clock();
  }

  /** The client touches something: it drives already, or begins to where nobody does. Throws a `Refusal` otherwise. */
  touch(client: string): void {
    this.settle();
    if (this.#driver !== undefined && this.#driver !== client) {
      throw new Refusal(409, `Somebody else drives, and you watch. ${this.#whenFree}`);
    }
    this.#begin(client);
  }

  /** The client wants to drive in place of who does. Throws a `Refusal` when that one is still there and at it. */
  take(client: string): void {
    this.settle();
    const idle = this.#clock() - this.#touchedAt >= UNTOUCHED;
    if (this.#driver !== undefined && this.#driver !== client && !idle) {
      throw new Refusal(409, `Somebody else still drives. ${this.#whenFree}`);
    }
    this.#begin(client);
  }

  /** Takes the wheel from who has left; to be called every second or so. */
  settle(): void {
    if (this.#driver === undefined || this.#watching.has(this.#driver)) return;
    if (this.#clock() - this.#seenAt < KEPT) return;
    this.#driver = undefined;
    this.onChange();
  }

  #begin(client: string): void {
    this.#touchedAt = this.#clock();
    this.#seenAt = this.#touchedAt;
    if (this.#driver === client) return;
    this.#driver = client;
    this.onChange();
  }

  get #whenFree(): string {
    const left = Math.ceil(this.#touchedAt + UNTOUCHED - this.#clock());
    return left > 0
      ? `You may take the wheel when they have left, or if they touch nothing for another ${left} s.`
      : 'They have touched nothing for a while: you may take the wheel.';
  }
}
