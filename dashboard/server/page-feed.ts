import {
  arrangeStage,
  type DeploymentId,
  type Hello,
  HISTORY,
  type Mark,
  type Second,
  type State,
  type TourState,
  type TourStep,
} from '../protocol.ts';
import type { LiveStack } from './config.ts';
import type { Director } from './director.ts';
import type { Observation } from './observation/observation.ts';
import type { ScaleWatch } from './scale-watch.ts';
import { EventStream } from './web/event-stream.ts';

const MOST_MARKS = 500;
/** Seconds without a page after which the stage is reset for the next one. */
const ABANDONED = 120;

/** The guided tour: all pages share it. */
export interface Tour {
  readonly state: TourState | undefined;
  /** Called when `state` has changed. */
  onChange: () => void;
  /** Goes to a step and sets up its situation; `leave` restores what was before. */
  enter(step: TourStep): Promise<void>;
  /** Starts to measure; `state` has the progress. */
  measure(): void;
  leave(): Promise<void>;
}

interface FeedParts {
  readonly deployments: LiveStack['deployments'];
  readonly cpus: number;
  readonly director: Director;
  readonly tour: Tour;
  readonly observation: Observation;
  readonly scale: Pick<ScaleWatch, 'scaled' | 'onChange'>;
  /** Called with each mark. */
  readonly onMark: (mark: Mark) => void;
  /** Called with each deployment that is observed again. */
  readonly onLook: (id: DeploymentId) => void;
  /** Called when no page has been open for a while. */
  readonly onAbandoned: () => void;
  /** Seconds since 1970. */
  readonly clock: () => number;
}

/** Decides what the pages are told; its owner calls `frame` and `second`. */
export class PageFeed {
  readonly events: EventStream;
  readonly #parts: FeedParts;
  readonly #started: number;
  readonly #seconds: Second[] = [];
  readonly #marks: Mark[] = [];
  #hasChanges = false;
  #looked: readonly DeploymentId[] = [];
  /** When the last page left; absent while one is open, and once that was reported. */
  #leftAt: number | undefined;

  constructor(parts: FeedParts) {
    const { director, tour, observation, scale, clock } = parts;
    this.#parts = parts;
    this.#started = clock();
    this.events = new EventStream({
      hello: () => this.#hello(),
      onCome: isNew => this.#come(isNew),
      onLeave: () => this.#leave(),
    });
    for (const part of [director, tour, scale]) part.onChange = () => this.#change();
    for (const part of [director, observation]) part.onMark = mark => this.#mark(mark);
    this.#look();
  }

  /** Sends a frame; call it every `FRAME_EVERY`. */
  frame(): void {
    if (this.events.watchers > 0) this.events.send('frame', this.#parts.observation.frame());
  }

  /** Sends what was seen in the last second; call it every second. */
  second(): void {
    const { observation, director } = this.#parts;
    const second = round(observation.second());
    this.#seconds.push(second);
    director.seen(second);
    this.#checkAbandoned();
    this.events.dropSilent();
    this.#forget();
    this.events.send('second', second);
  }

  #hello(): Hello {
    const { deployments, cpus, clock } = this.#parts;
    return {
      started: this.#started,
      now: clock(),
      stage: arrangeStage(deployments),
      cpus,
      state: this.#describe(),
      seconds: this.#seconds,
      marks: this.#marks,
    };
  }

  #describe(): State {
    const { director, tour, scale } = this.#parts;
    return {
      ...director.state,
      ...(tour.state !== undefined && { tour: tour.state }),
      ...(scale.scaled.length > 0 && { scaled: scale.scaled }),
    };
  }

  #come(isNew: boolean): void {
    this.#leftAt = undefined;
    // Drops what happened while no page was open.
    if (this.events.watchers === 1) this.#parts.observation.frame();
    this.#parts.director.watched(this.events.watchers, isNew);
  }

  #leave(): void {
    if (this.events.watchers === 0) this.#leftAt = this.#parts.clock();
    this.#parts.director.watched(this.events.watchers);
  }

  #checkAbandoned(): void {
    if (this.#leftAt === undefined || this.#parts.clock() - this.#leftAt < ABANDONED) return;
    this.#leftAt = undefined;
    this.#parts.onAbandoned();
  }

  /** Sends several changes at once as one state. */
  #change(): void {
    if (this.#hasChanges) return;
    this.#hasChanges = true;
    queueMicrotask(() => {
      this.#hasChanges = false;
      this.#look();
      this.events.send('state', this.#describe());
    });
  }

  /** Observes what is on the stage, and nothing while no page is in use. */
  #look(): void {
    const { settings, rest } = this.#parts.director.state;
    const before = this.#looked;
    this.#looked = rest === 'unwatched' || rest === 'untouched' ? [] : settings.deployments;
    this.#parts.observation.look(this.#looked);
    for (const id of this.#looked) if (!before.includes(id)) this.#parts.onLook(id);
  }

  #mark(mark: Mark): void {
    this.#marks.push(mark);
    this.events.send('mark', mark);
    this.#parts.onMark(mark);
  }

  #forget(): void {
    const oldest = this.#parts.clock() - HISTORY;
    for (const list of [this.#seconds, this.#marks]) {
      const kept = list.findIndex(({ time }) => time > oldest);
      list.splice(0, kept < 0 ? list.length : kept);
    }
    this.#marks.splice(0, this.#marks.length - MOST_MARKS);
  }
}

/** Keeps the digits that a chart can show: a hello has some hundred seconds. */
function round(second: Second): Second {
  const roundNumber = (key: string, value: unknown) =>
    typeof value === 'number' && key !== 'time' ? Number(value.toPrecision(5)) : value;
  return JSON.parse(JSON.stringify(second, roundNumber));
}
