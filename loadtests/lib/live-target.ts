import { PoissonArrivals } from '../../model/poisson-arrivals.ts';
import { randomOf } from '../../model/random.ts';
import { DOT_HEADER, type LiveBurst, type LiveOrders, type LiveTarget } from '../../model/wire.ts';
import { Arrivals, LONGEST_TURN } from './arrivals.ts';
import { now, pause, secondsSince1970 } from './clock.ts';
import { EveryNth } from './live-dots.ts';
import { LiveTally } from './live-tally.ts';
import { RequestMix } from './request-mix.ts';
import { sendRequest } from './send-request.ts';
import { Users } from './users.ts';

/** Requests in progress; an arrival beyond them counts as never sent. */
const MOST_IN_PROGRESS = 4000;
/** Seconds by which the arrivals of an open load may be sent too late; later they would be the load of another moment. */
const LATEST = 1;
/** Seconds after which a user comes back who got no answer: those who do not think would only spin. */
const COMES_BACK_AFTER = 0.1;

/** Where the random numbers and the dots of a target come from. */
export interface Chance {
  readonly seed: number;
  /** Of this target, from 1: no other has the same. */
  readonly place: number;
  nextDot(): number;
}

/** A live load's part for one target: open, closed and in bursts, all at once if so ordered. */
export class TargetLoad {
  readonly tally: LiveTally;
  readonly #mix: RequestMix;
  readonly #arrivals: Arrivals;
  readonly #users: Users;
  readonly #dots = new EveryNth();
  #url: string;
  #orders: LiveOrders;
  #isResting = false;

  constructor({ name, url }: LiveTarget, orders: LiveOrders, { seed, place, nextDot }: Chance) {
    this.tally = new LiveTally(name, orders.objective, nextDot);
    this.#url = url;
    this.#orders = orders;
    this.#mix = new RequestMix(randomOf(seed, place, 'requests'), orders.requests);
    const process = new PoissonArrivals(randomOf(seed, place, 'arrivals'), 0);
    this.#arrivals = new Arrivals(process, {
      now,
      send: intended => {
        if (now() - intended > LATEST) this.tally.neverSent();
        else this.#send(intended);
      },
      leaveOut: () => this.tally.neverSent(),
    });
    this.#users = new Users(randomOf(seed, place, 'think-times'), intended => this.#sendForUser(intended), now);
  }

  obey(orders: LiveOrders, url: string): void {
    this.#isResting = false;
    this.#orders = orders;
    this.#url = url;
    this.tally.objective = orders.objective;
    this.#mix.replace(orders.requests);
    this.#arrivals.changeRate(orders.arrivalRate);
    this.#users.change(orders.users, orders.thinkTime);
  }

  /** Sends nothing more; what is in progress ends. */
  rest(): void {
    this.#arrivals.changeRate(0);
    this.#users.change(0, this.#orders.thinkTime);
    this.#isResting = true;
  }

  async burst({ requests, request }: LiveBurst): Promise<void> {
    const instant = now();
    const dots = new EveryNth();
    let turn = instant;
    for (let sent = 0; sent < requests; sent++) {
      if (now() - turn >= LONGEST_TURN) {
        await pause(0);
        turn = now();
      }
      this.#send(instant, dots, request);
    }
  }

  async #sendForUser(intended: number): Promise<number> {
    if (!(await this.#send(intended))) await pause(COMES_BACK_AFTER);
    return now();
  }

  /** Sends a request that was due at `intended`; resolves when it has ended, to whether there was an answer. */
  async #send(intended: number, dots = this.#dots, request = this.#mix.draw()): Promise<boolean> {
    const sentAt = now();
    const { timeLimit, requestsPerDot } = this.#orders;
    if (this.#isResting || sentAt - intended >= timeLimit || this.tally.inProgress >= MOST_IN_PROGRESS) {
      this.tally.neverSent();
      return false;
    }
    const asDotAt = dots.picks(requestsPerDot) ? secondsSince1970() : undefined;
    const sent = this.tally.sent(intended, sentAt, asDotAt);
    const headers = sent.dot === undefined ? {} : { [DOT_HEADER]: String(sent.dot) };
    const ending = await sendRequest(this.#url, request, timeLimit, headers);
    this.tally.ended(sent, ending, now(), secondsSince1970(), timeLimit);
    return ending.fromSend !== undefined;
  }
}
