import { type ReadonlySignal, signal } from '@preact/signals';
import type { Frame, Hello, StagedDeployment, State } from '../../protocol.ts';
import { type Censuses, takeCensus } from './census.ts';
import { scheme } from './colours.ts';
import { layOutStage, type StageLayout } from './layout.ts';
import { Motion } from './motion.ts';
import { Painter } from './painter.ts';
import { Replay } from './replay.ts';

/** Seconds between two counts: as often as numbers can be read. */
const COUNT_EVERY = 0.5;
/** Milliseconds between two frames. */
const PAUSES = { measuring: 100, resting: 50 } as const;

/** The server's messages, also those that come while the page is hidden. */
export interface StageFeed {
  /** Calls `hello` with the latest hello, if any, then `hello` and `frame` with each that comes; gives back how to stop. */
  subscribe(listener: { readonly hello: (hello: Hello) => void; readonly frame: (frame: Frame) => void }): () => void;
}

export interface ShowOptions {
  readonly feed: StageFeed;
  /** `undefined` until the first hello. `settings.deployments` are on the stage. */
  readonly state: ReadonlySignal<State | undefined>;
  /** Called after each frame with the number of dots, and the milliseconds that it took. */
  readonly onFrame?: ((dots: number, tookMs: number) => void) | undefined;
}

/** Plays the stage: follows the feed, and draws on a canvas while it is seen. */
export class StageShow {
  readonly deployments = signal<readonly StagedDeployment[]>([]);
  readonly cpus = signal(0);
  readonly censuses = signal<Censuses>({});
  readonly layout = signal<StageLayout | undefined>(undefined);
  readonly #options: ShowOptions;
  readonly #replay = new Replay();
  readonly #motion = new Motion();
  readonly #stillness = matchMedia('(prefers-reduced-motion: reduce)');
  #board: HTMLElement | undefined;
  #painter: Painter | undefined;
  #pixelRatio = 1;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ShowOptions) {
    this.#options = options;
  }

  /** Begins to draw on the board's canvas; its children with `data-deployment` are the lanes. Gives back how to stop. */
  open(board: HTMLElement): () => void {
    this.#board = board;
    const leave = this.#options.feed.subscribe({
      hello: hello => {
        this.#replay.hello(hello, seconds());
        this.deployments.value = hello.stage;
        this.cpus.value = hello.cpus;
      },
      frame: frame => this.#replay.frame(frame, seconds()),
    });
    const forgetScheme = scheme.subscribe(() => this.measure());
    board.querySelector('canvas')?.addEventListener('contextrestored', () => this.measure());
    const size = new ResizeObserver(() => this.measure());
    size.observe(board);
    let timer: ReturnType<typeof setTimeout> | undefined;
    let frame = 0;
    const draw = (): void => {
      if (devicePixelRatio !== this.#pixelRatio) this.measure();
      const isMoving = this.#draw();
      const isMeasuring = this.#options.state.peek()?.tour?.phase === 'measuring';
      // Each animation frame costs the browser something, even if nothing is drawn in it.
      const pause = isMeasuring ? PAUSES.measuring : PAUSES.resting;
      if (isMoving && !isMeasuring) frame = requestAnimationFrame(draw);
      else timer = setTimeout(() => (frame = requestAnimationFrame(draw)), pause);
    };
    draw();
    return () => {
      clearTimeout(timer);
      cancelAnimationFrame(frame);
      size.disconnect();
      forgetScheme();
      leave();
    };
  }

  /** Reads where the lanes are now and draws the stage again. */
  measure(): void {
    const [board, canvas] = [this.#board, this.#board?.querySelector('canvas')];
    const { top, width, height } = board?.getBoundingClientRect() ?? { top: 0, width: 0, height: 0 };
    if (!board || !canvas || width === 0 || height === 0) return;
    const rooms = this.deployments.peek().flatMap(({ id, deployment }) => {
      const box = board.querySelector(`[data-deployment="${id}"]`)?.getBoundingClientRect();
      return box === undefined ? [] : [{ id, deployment, top: box.top - top, height: box.height }];
    });
    const layout = layOutStage(Math.round(width), Math.round(height), rooms);
    canvas.style.setProperty('width', `${layout.width}px`);
    canvas.style.setProperty('height', `${layout.height}px`);
    this.#pixelRatio = devicePixelRatio;
    this.#painter = new Painter(canvas, layout, devicePixelRatio);
    this.layout.value = layout;
    this.#countedAt = Number.NEGATIVE_INFINITY;
    // A canvas is empty after its size was set.
    this.#draw();
  }

  /** Draws one frame; whether anything moves. Where it is not seen, or nothing may move, only every COUNT_EVERY seconds. */
  #draw(): boolean {
    const [layout, painter] = [this.layout.peek(), this.#painter];
    const clock = seconds();
    const isCountDue = clock - this.#countedAt >= COUNT_EVERY;
    const isStill = this.#stillness.matches;
    const { top = 0, bottom = 0 } = this.#board?.getBoundingClientRect() ?? {};
    const isSeen = bottom > 0 && top < innerHeight;
    if (layout === undefined || painter === undefined || ((isStill || !isSeen) && !isCountDue)) return false;
    const { databaseBackAt, requestsPerDot = 1 } = this.#options.state.peek() ?? {};
    this.#replay.requestsPerDot = requestsPerDot;
    const picture = this.#replay.at(clock);
    if (isCountDue) {
      this.#countedAt = clock;
      const ids = layout.lanes.map(({ id }) => id);
      this.censuses.value = takeCensus(picture, ids, requestsPerDot);
    }
    const isAway = databaseBackAt !== undefined;
    if (isStill) painter.paintCounts(picture, isAway, this.censuses.peek());
    else this.#motion.move(picture, layout, clock);
    const isDrawn = isStill || painter.paint(picture, isAway, this.#motion, requestsPerDot);
    const dots = isStill ? 0 : this.#motion.drawn.length;
    if (isDrawn) this.#options.onFrame?.(dots, (seconds() - clock) * 1000);
    return dots > 0;
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
