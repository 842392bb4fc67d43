import { type ReadonlySignal, signal } from '@preact/signals';
import type { DeploymentId, Frame, Hello, StagedDeployment, State } from '../../protocol.ts';
import { type Census, censusOf } from './census.ts';
import { type LaneRoom, type StageLayout, stageLayout } from './layout.ts';
import { Motion } from './motion.ts';
import { Painter } from './painter.ts';
import { Replay } from './replay.ts';
import { onThemeChange, type Theme, themeAt } from './theme.ts';

/** Seconds between two counts of what is where: as often as numbers can be read. */
const COUNT_EVERY = 0.5;
/** Milliseconds between two looks while the tour measures, and while nothing is in motion. */
const MEASURING_MS = 100;
const RESTING_MS = 50;

/** Where the stage hears what happens: all of it, also what comes while the page is hidden. */
export interface StageFeed {
  /**
   * Calls `hello` with the latest hello before it returns, when there is one, then `hello` and `frame` with each that
   * comes. Gives back how to stop.
   */
  subscribe(listener: { readonly hello: (hello: Hello) => void; readonly frame: (frame: Frame) => void }): () => void;
}

/** The stage as it plays: hears the feed, and draws on a canvas for as long as somebody can see it move. */
export class StageShow {
  readonly deployments = signal<readonly StagedDeployment[]>([]);
  readonly cpus = signal(0);
  readonly census = signal<Partial<Record<DeploymentId, Census>>>({});
  readonly layout = signal<StageLayout | undefined>(undefined);
  readonly #state: ReadonlySignal<State | undefined>;
  readonly #onFrame: ((dots: number, tookMs: number) => void) | undefined;
  readonly #replay = new Replay();
  readonly #motion = new Motion();
  readonly #stops: (() => void)[] = [];
  #board: HTMLElement | undefined;
  #canvas: HTMLCanvasElement | undefined;
  #painter: Painter | undefined;
  #theme: Theme | undefined;
  #frame = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #isSeen = true;
  #stillness = matchMedia('(prefers-reduced-motion: reduce)');
  #pixelRatio = 1;
  #countedAt = Number.NEGATIVE_INFINITY;

  constructor(
    feed: StageFeed,
    state: ReadonlySignal<State | undefined>,
    onFrame: ((dots: number, tookMs: number) => void) | undefined,
  ) {
    this.#state = state;
    this.#onFrame = onFrame;
    this.#stops.push(
      feed.subscribe({
        hello: hello => {
          this.#replay.hello(hello, seconds());
          this.deployments.value = hello.stage;
          this.cpus.value = hello.cpus;
        },
        frame: frame => this.#replay.frame(frame, seconds()),
      }),
      state.subscribe(next => {
        if (next !== undefined) this.#replay.requestsPerDot = next.requestsPerDot;
      }),
    );
  }

  /** Begins to draw: on the canvas that covers the board, whose children with `data-deployment` are the lanes. */
  open(board: HTMLElement, canvas: HTMLCanvasElement): void {
    this.#board = board;
    this.#canvas = canvas;
    this.#painter = new Painter(canvas);
    this.#theme = themeAt(board);
    const size = new ResizeObserver(() => this.measure());
    size.observe(board);
    const sight = new IntersectionObserver(entries => {
      this.#isSeen = entries.at(-1)?.isIntersecting ?? true;
    });
    sight.observe(canvas);
    const draw = (): void => {
      const isMoving = this.#look();
      // Each frame that is asked for costs the browser something, also where nothing is drawn in it.
      const pause = this.#isMeasuring() ? MEASURING_MS : isMoving ? 0 : RESTING_MS;
      const next = (): void => {
        this.#frame = requestAnimationFrame(draw);
      };
      if (pause === 0) next();
      else this.#pause = setTimeout(next, pause);
    };
    draw();
    this.#stops.push(
      () => size.disconnect(),
      () => sight.disconnect(),
      onThemeChange(() => {
        this.#theme = themeAt(board);
        this.measure();
      }),
    );
  }

  /** Looks anew where the lanes are. */
  measure(): void {
    const [board, canvas, theme] = [this.#board, this.#canvas, this.#theme];
    if (board === undefined || canvas === undefined || theme === undefined) return;
    const { top, width, height } = board.getBoundingClientRect();
    const rooms: LaneRoom[] = [...board.querySelectorAll<HTMLElement>('[data-deployment]')].flatMap(element => {
      const staged = this.deployments.value.find(({ id }) => id === element.dataset.deployment);
      const box = element.getBoundingClientRect();
      return staged === undefined
        ? []
        : [{ id: staged.id, deployment: staged.deployment, top: box.top - top, height: box.height }];
    });
    const layout = stageLayout(Math.round(width), Math.round(height), rooms);
    canvas.style.setProperty('width', `${layout.width}px`);
    canvas.style.setProperty('height', `${layout.height}px`);
    this.#pixelRatio = devicePixelRatio;
    this.#painter?.set(layout, theme, devicePixelRatio);
    this.layout.value = layout;
    this.#countedAt = Number.NEGATIVE_INFINITY;
    // A canvas of another size is empty, and is seen so until it is drawn on.
    this.#look();
  }

  /** Ends. */
  close(): void {
    clearTimeout(this.#pause);
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stops) stop();
  }

  #isMeasuring(): boolean {
    return this.#state.peek()?.tour?.phase === 'measuring';
  }

  /**
   * One frame; whether anything moves. Where nobody sees it, or wants nothing to move, there is nothing to do but to
   * count from time to time.
   */
  #look(): boolean {
    if (devicePixelRatio !== this.#pixelRatio && this.#board !== undefined) this.measure();
    const [layout, painter] = [this.layout.peek(), this.#painter];
    const clock = seconds();
    const isStill = this.#stillness.matches;
    const isCountDue = clock - this.#countedAt >= COUNT_EVERY;
    if (layout === undefined || painter === undefined) return false;
    if ((isStill || !this.#isSeen) && !isCountDue && !painter.isBlank) return false;
    const picture = this.#replay.at(clock);
    if (isCountDue) {
      this.#countedAt = clock;
      const deployments = layout.lanes.map(({ id }) => id);
      this.census.value = censusOf(picture, deployments, this.#replay.requestsPerDot);
    }
    if (!this.#isSeen && !painter.isBlank) return false;
    const databaseIsAway = this.#state.peek()?.databaseBackAt !== undefined;
    if (isStill) painter.paintCounts(picture, databaseIsAway, this.census.peek());
    else {
      this.#motion.move(picture, layout, clock);
      const hasPainted = painter.paint(picture, databaseIsAway, this.#motion, this.#replay.requestsPerDot);
      if (!hasPainted) return this.#motion.count > 0;
    }
    this.#onFrame?.(this.#motion.count, (seconds() - clock) * 1000);
    return !isStill && this.#motion.count > 0;
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
