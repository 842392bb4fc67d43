import type { LiveOrders, LiveTarget } from '../../model/wire.ts';
import { Bursts } from './live-bursts.ts';
import { DotNumbers } from './live-dots.ts';
import type { LiveTally } from './live-tally.ts';
import { TargetLoad } from './live-target.ts';

/** A load that is changed while it runs: the same for each of its targets. */
export class LiveLoad {
  readonly #seed: number;
  readonly #dots: DotNumbers;
  readonly #bursts = new Bursts();
  /** By name. One that is no longer loaded goes on being told of: its counts are those since the load began. */
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
    for (const target of loaded.values()) this.#targetOf(target, orders).obey(orders, target.url);
    for (const burst of bursts) if (loaded.has(burst.target)) this.#targets.get(burst.target)?.burst(burst);
  }

  /** Sends nothing more until it is told what to send; what is in progress ends. */
  rest(): void {
    for (const target of this.#targets.values()) target.rest();
  }

  #targetOf(target: LiveTarget, orders: LiveOrders): TargetLoad {
    const known = this.#targets.get(target.name);
    if (known !== undefined) return known;
    const place = this.#targets.size + 1;
    const added = new TargetLoad(target, orders, { seed: this.#seed, place, nextDot: () => this.#dots.take() });
    this.#targets.set(target.name, added);
    return added;
  }
}
