import { type DeploymentId, type Hello, HISTORY, type Mark, type Second, type State, stageOf } from '../protocol.ts';
import { type Clock, systemClock } from './clock.ts';
import type { Director, LiveStack, Observation, Tour } from './parts.ts';
import type { ScaleWatch } from './scale-watch.ts';
import { tagOf } from './web/client-tag.ts';
import type { Drivers } from './web/drivers.ts';
import { EventStream } from './web/event-stream.ts';

const MOST_MARKS = 500;
/** Seconds without a page after which whoever comes next finds the stage as it was at first. */
const ABANDONED = 120;

/** Where what pages are told comes from. */
export interface FeedParts {
  readonly stack: Pick<LiveStack, 'deployments'>;
  readonly cpus: number;
  readonly director: Director;
  readonly tour: Tour;
  readonly drivers: Drivers;
  readonly observation: Observation;
  /** Absent: no service has more than one container. */
  readonly scale?: Pick<ScaleWatch, 'scaled' | 'onChange'>;
  /** Told of each mark, too. */
  readonly onMark?: (mark: Mark) => void;
  /** Called with each deployment that is looked at again. */
  readonly onLook?: (id: DeploymentId) => void;
  /** Called when all pages have been gone for a while. */
  readonly onAbandoned?: () => void;
  readonly clock?: Clock;
}

/** What the pages are told, and when; the moments are its owner's. */
export class Feed {
  readonly events: EventStream;
  readonly #parts: FeedParts;
  readonly #clock: Clock;
  readonly #seconds: Second[] = [];
  readonly #marks: Mark[] = [];
  #changes = false;
  #looked: readonly DeploymentId[] = [];
  /** Absent before the first page, while one is there, and once the stage is left for good. */
  #leftAt: number | undefined;

  constructor(parts: FeedParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    const { director, tour, drivers, observation, scale } = parts;
    this.events = new EventStream({
      hello: client => this.#hello(client),
      onCome: (client, isNew) => this.#came(client, isNew),
      onLeave: client => this.#left(client),
      clock: this.#clock,
    });
    director.onChange = () => this.#changed();
    tour.onChange = () => this.#changed();
    drivers.onChange = () => this.#changed();
    if (scale !== undefined) scale.onChange = () => this.#changed();
    director.onMark = mark => this.#mark(mark);
    observation.onMark = mark => this.#mark(mark);
    this.#look();
  }

  /** To be called every `FRAME_EVERY`: tells what has become known, to whoever watches. */
  frame(): void {
    if (this.events.watchers > 0) this.events.send('frame', this.#parts.observation.frame());
  }

  /** To be called every second: tells what was seen in it, and lets everybody do what is due. */
  second(): void {
    const { observation, director, drivers } = this.#parts;
    const second = rounded(observation.second());
    this.#seconds.push(second);
    director.seen(second);
    drivers.settle();
    this.#abandon();
    this.events.settle();
    this.#forget();
    this.events.send('second', second);
  }

  #hello(client: string): Hello {
    const { stack, cpus } = this.#parts;
    return {
      client,
      tag: tagOf(client),
      now: this.#clock(),
      stage: stageOf(stack.deployments),
      cpus,
      state: this.#state(),
      seconds: this.#seconds,
      marks: this.#marks,
    };
  }

  #state(): State {
    const { director, drivers, tour, scale } = this.#parts;
    const { driver } = drivers;
    const scaled = scale?.scaled ?? [];
    return {
      ...director.state,
      ...(driver !== undefined && { driver: tagOf(driver) }),
      ...(tour.state !== undefined && { tour: tour.state }),
      ...(scaled.length > 0 && { scaled }),
    };
  }

  #came(client: string, isNew: boolean): void {
    this.#leftAt = undefined;
    // What nobody saw is no news any more.
    if (this.events.watchers === 1) this.#parts.observation.frame();
    this.#parts.drivers.came(client);
    this.#parts.director.watched(this.events.watchers, isNew);
  }

  #left(client: string): void {
    if (this.events.watchers === 0) this.#leftAt = this.#clock();
    this.#parts.drivers.left(client);
    this.#parts.director.watched(this.events.watchers);
  }

  #abandon(): void {
    if (this.#leftAt === undefined || this.#clock() - this.#leftAt < ABANDONED) return;
    this.#leftAt = undefined;
    this.#parts.onAbandoned?.();
  }

  /** Several changes at once are told once. */
  #changed(): void {
    if (this.#changes) return;
    this.#changes = true;
    queueMicrotask(() => {
      this.#changes = false;
      this.#look();
      this.events.send('state', this.#state());
    });
  }

  /** Nobody is asked for anything while nobody looks. */
  #look(): void {
    const { settings, rest } = this.#parts.director.state;
    const unseen = rest === 'unwatched' || rest === 'untouched';
    const before = this.#looked;
    this.#looked = unseen ? [] : settings.deployments;
    this.#parts.observation.look(this.#looked);
    for (const id of this.#looked) if (!before.includes(id)) this.#parts.onLook?.(id);
  }

  #mark(mark: Mark): void {
    this.#marks.push(mark);
    this.events.send('mark', mark);
    this.#parts.onMark?.(mark);
  }

  #forget(): void {
    const oldest = this.#clock() - HISTORY;
    const seconds = this.#seconds.findIndex(({ time }) => time > oldest);
    const marks = this.#marks.findIndex(({ time }) => time > oldest);
    this.#seconds.splice(0, seconds < 0 ? this.#seconds.length : seconds);
    this.#marks.splice(0, Math.max(marks < 0 ? this.#marks.length : marks, this.#marks.length - MOST_MARKS));
  }
}

/** With as many digits as a chart can show: what is told to who comes is some hundreds of them. */
function rounded(second: Second): Second {
  const round = (key: string, value: unknown) =>
    typeof value === 'number' && key !== 'time' ? Number(value.toPrecision(5)) : value;
  return JSON.parse(JSON.stringify(second, round));
}
