import { type ReadonlySignal, signal } from '@preact/signals';
import type { TopologyName } from '../../../services/topologies.ts';
import type { StagedDeployment, State } from '../../protocol.ts';
import { type Census, censusOf } from './census.ts';
import { type LaneRoom, type StageLayout, stageLayout } from './layout.ts';
import { Motion } from './motion.ts';
import { Painter } from './painter.ts';
import { Replay } from './replay.ts';
import type { StageFeed } from './stage.tsx';
import { onThemeChange, type Theme, themeAt } from './theme.ts';

/** Seconds between two counts of what is where: as often as numbers can be read. */
const COUNT_EVERY = 0.5;

/** The stage as it plays: hears the feed, and draws on a canvas for as long as somebody can see it. */
export class StageShow {
  readonly deployments = signal<readonly StagedDeployment[]>([]);
  readonly cpus = signal(0);
  readonly census = signal<Partial<Record<TopologyName, Census>>>({});
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

  /** Begins to draw: on the canvas that covers the board, whose children with `data-topology` are the lanes. */
  open(board: HTMLElement, canvas: HTMLCanvasElement): void {
    this.#board = board;
    this.#canvas = canvas;
    this.#painter = new Painter(canvas);
    this.#theme = themeAt(board);
    const stillness = matchMedia('(prefers-reduced-motion: reduce)');
    const size = new ResizeObserver(() => this.measure());
    size.observe(board);
    let isSeen = true;
    const sight = new IntersectionObserver(([entry]) => {
      isSeen = entry?.isIntersecting ?? true;
    });
    sight.observe(canvas);
    const draw = (): void => {
      this.#frame = requestAnimationFrame(draw);
      this.#look(isSeen, stillness.matches);
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
    const rooms: LaneRoom[] = [...board.querySelectorAll<HTMLElement>('[data-topology]')].flatMap(element => {
      const staged = this.deployments.value.find(({ deployment }) => deployment.topology === element.dataset.topology);
      const box = element.getBoundingClientRect();
      return staged === undefined ? [] : [{ deployment: staged.deployment, top: box.top - top, height: box.height }];
    });
    const layout = stageLayout(Math.round(width), Math.round(height), rooms);
    canvas.style.setProperty('width', `${layout.width}px`);
    canvas.style.setProperty('height', `${layout.height}px`);
    this.#pixelRatio = devicePixelRatio;
    this.#painter?.set(layout, theme, devicePixelRatio);
    this.layout.value = layout;
    this.#countedAt = Number.NEGATIVE_INFINITY;
  }

  /** Ends. */
  close(): void {
    cancelAnimationFrame(this.#frame);
    for (const stop of this.#stops) stop();
  }

  /** One frame. Where nobody sees it, or wants nothing to move, there is nothing to do but to count from time to time. */
  #look(isSeen: boolean, isStill: boolean): void {
    if (devicePixelRatio !== this.#pixelRatio) this.measure();
    const layout = this.layout.peek();
    const clock = seconds();
    const isCountDue = clock - this.#countedAt >= COUNT_EVERY;
    if (layout === undefined || ((isStill || !isSeen) && !isCountDue)) return;
    const picture = this.#replay.at(clock);
    if (isCountDue) {
      this.#countedAt = clock;
      const topologies = layout.lanes.map(({ topology }) => topology);
      this.census.value = censusOf(picture, topologies, this.#replay.requestsPerDot);
    }
    if (!isSeen) return;
    this.#painter?.paintStill(picture, this.#state.peek()?.databaseBackAt !== undefined);
    if (isStill) this.#painter?.paintCounts(this.census.peek());
    else {
      this.#motion.move(picture, layout, clock);
      this.#painter?.paintDots(this.#motion, this.#replay.requestsPerDot);
    }
    this.#onFrame?.(this.#motion.count, (seconds() - clock) * 1000);
  }
}

function seconds(): number {
  return performance.now() / 1000;
}
