import { PoissonArrivals } from '../../model/poisson-arrivals.ts';
import { createRandom } from '../../model/random.ts';
import { DOT_HEADER, type LiveBurst, type LiveOrders, type LiveTarget } from '../../model/wire.ts';
import { Arrivals, LONGEST_TURN } from './arrivals.ts';
import { now, pause, secondsSince1970, sendRequest } from './k6.ts';
import { Bursts, DotNumbers, EveryNth, LiveTally } from './live-tally.ts';
import { RequestMix } from './requests.ts';
import { Users } from './users.ts';

/** Requests in progress; an arrival beyond them counts as never sent. */
const MOST_IN_PROGRESS = 4000;
/** Seconds by which the arrivals of an open load may be sent too late; later they would be the load of another moment. */
const LATEST = 1;
/** Seconds after which a user comes back that got no answer: users who do not think would only spin. */
const COMES_BACK_AFTER = 0.1;

/** A load that is changed while it runs: the same for each of its targets. */
export class LiveLoad {
  readonly #seed: number;
  readonly #dots: DotNumbers;
  readonly #bursts = new Bursts();
  /** By name. A target that is no longer loaded stays: its counts are those since the load began. */
  readonly #targets = new Map<string, TargetLoad>();
  #obeys = 0;

  /** `started`: seconds since 1970. */
  constructor(seed: number, started: number) {
    this.#seed = seed;
    this.#dots = new DotNumbers(started);
  }

  /** The number of the orders that it obeys; 0: none yet. */
  get obeys(): number {
    return this.#obeys;
  }

  get tallies(): LiveTally[] {
    return [...this.#targets.values()].map(({ tally }) => tally);
  }

  /** Bursts that are ordered together with a stop are not sent, then or later. */
  obey(orders: LiveOrders): void {
    this.#obeys = orders.number;
    const bursts = this.#bursts.due(orders.bursts);
    const loaded = new Map((orders.stop ? [] : orders.targets).map(target => [target.name, target]));
    for (const [name, target] of this.#targets) if (!loaded.has(name)) target.rest();
    for (const target of loaded.values()) this.#findTarget(target, orders).obey(orders, target.url);
    for (const burst of bursts) if (loaded.has(burst.target)) this.#targets.get(burst.target)?.burst(burst);
  }

  /** Sends nothing more until it is told what to send; what is in progress ends. */
  rest(): void {
    for (const target of this.#targets.values()) target.rest();
  }

  #findTarget({ name }: LiveTarget, orders: LiveOrders): TargetLoad {
    let target = this.#targets.get(name);
    if (target === undefined) {
      const tally = new LiveTally(name, orders.objective, () => this.#dots.take());
      target = new TargetLoad(tally, orders, this.#seed, this.#targets.size + 1);
      this.#targets.set(name, target);
    }
    return target;
  }
}

/** A live load's part for one target: open, closed and in bursts, all at once if so ordered. */
class TargetLoad {
  readonly tally: LiveTally;
  readonly #mix: RequestMix;
  readonly #arrivals: Arrivals;
  readonly #users: Users;
  readonly #dots = new EveryNth();
  #url = '';
  #orders: LiveOrders;
  #isResting = false;

  /** `place`: of this target, from 1, so that each draws other random numbers. */
  constructor(tally: LiveTally, orders: LiveOrders, seed: number, place: number) {
    this.tally = tally;
    this.#orders = orders;
    this.#mix = new RequestMix(createRandom(seed, place, 'requests'), orders.requests);
    this.#arrivals = new Arrivals(new PoissonArrivals(createRandom(seed, place, 'arrivals'), 0), {
      now,
      send: intended => {
        if (now() - intended > LATEST) tally.neverSent();
        else this.#send(intended);
      },
      leaveOut: () => tally.neverSent(),
    });
    this.#users = new Users(createRandom(seed, place, 'think-times'), intended => this.#sendForUser(intended), now);
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
