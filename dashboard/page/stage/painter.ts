import type { DeploymentId, WorkerState } from '../../protocol.ts';
import type { Census } from './census.ts';
import { DotSprites } from './dot-sprites.ts';
import { LaneDots } from './lane-dots.ts';
import type { Lane, StageLayout } from './layout.ts';
import type { Motion } from './motion.ts';
import { paintCounts } from './paint-counts.ts';
import { paintPile } from './paint-pile.ts';
import { paintScenery } from './paint-scenery.ts';
import { paintWorkers } from './paint-workers.ts';
import type { Box } from './process-places.ts';
import type { Picture } from './replay.ts';
import type { Theme } from './theme.ts';
import { cutOff } from './worker-activity.ts';

/** Beyond it nobody sees a difference, and every pixel costs time. */
const MOST_PIXEL_RATIO = 2;
/** CSS pixels by which what belongs to a lane may reach beyond its band. */
const BEYOND = 16;

/** A lane, and how it was painted last. */
interface PaintedLane {
  readonly lane: Lane;
  /** What it covers, in pixels of the screen. */
  readonly area: Box;
  readonly dots: LaneDots;
  workersOf: readonly WorkerState[] | 'nothing' | undefined;
  /** What stands still is another than on the canvas. */
  isStale: boolean;
}

/** Draws the stage: a lane only when something in it has moved, what stands still only when it has become another. */
export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #still: HTMLCanvasElement = document.createElement('canvas');
  readonly #stillContext: CanvasRenderingContext2D;
  #layout: StageLayout | undefined;
  #theme: Theme | undefined;
  #sprites: DotSprites | undefined;
  #lanes: PaintedLane[] = [];
  #pixelRatio = 1;
  #isBlank = true;
  #isAway = false;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    // Nothing shines through, which spares the browser the blending.
    this.#context = contextOf(canvas);
    this.#stillContext = contextOf(this.#still);
    for (const each of [canvas, this.#still]) each.addEventListener('contextrestored', () => this.#blank());
  }

  /** Whether nothing of what is to be seen is on the canvas. */
  get isBlank(): boolean {
    return this.#isBlank;
  }

  /** From now on the stage looks like this. */
  set(layout: StageLayout, theme: Theme, devicePixelRatio: number): void {
    this.#pixelRatio = Math.min(devicePixelRatio, MOST_PIXEL_RATIO);
    this.#layout = layout;
    this.#theme = theme;
    for (const canvas of [this.#canvas, this.#still]) {
      canvas.width = Math.round(layout.width * this.#pixelRatio);
      canvas.height = Math.round(layout.height * this.#pixelRatio);
    }
    this.#sprites = new DotSprites(layout.dotRadius, this.#pixelRatio, theme);
    this.#blank();
  }

  /** Draws the stage with the dots where they are. Whether there was anything to draw. */
  paint(picture: Picture, databaseIsAway: boolean, motion: Motion, requestsPerDot: number): boolean {
    const [layout, theme, sprites] = [this.#layout, this.#theme, this.#sprites];
    if (layout === undefined || theme === undefined || sprites === undefined) return false;
    let hasPainted = this.#paintStill(picture, databaseIsAway);
    for (const [index, painted] of this.#lanes.entries()) {
      const { lane, area, dots } = painted;
      const hidden = motion.lanes.get(lane.id)?.hidden ?? 0;
      const haveMoved = dots.follow(motion, index, hidden, this.#pixelRatio, sprites.side);
      if (!haveMoved && !painted.isStale) continue;
      painted.isStale = false;
      hasPainted = true;
      this.#copyStill(area);
      // What is drawn beyond what the next frame draws anew would stay for good.
      this.#within(area, () => {
        dots.paint(this.#context, sprites);
        if (hidden === 0) return;
        this.#context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
        paintPile(this.#context, lane, hidden * requestsPerDot, layout.textSize, theme);
      });
    }
    return hasPainted;
  }

  /** Draws the stage with how many requests are where written in place of dots. */
  paintCounts(picture: Picture, databaseIsAway: boolean, census: Partial<Record<DeploymentId, Census>>): void {
    const [layout, theme] = [this.#layout, this.#theme];
    if (layout === undefined || theme === undefined || isEmpty(this.#canvas)) return;
    this.#paintStill(picture, databaseIsAway);
    this.#copyStill({ left: 0, top: 0, width: this.#canvas.width, height: this.#canvas.height });
    this.#context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
    paintCounts(this.#context, layout, census, theme);
    // Should dots come back, nothing is as they left it.
    for (const lane of this.#lanes) lane.isStale = true;
  }

  #blank(): void {
    this.#isBlank = true;
    this.#lanes = (this.#layout?.lanes ?? []).map(lane => ({
      lane,
      area: areaOf(lane, this.#pixelRatio, this.#canvas),
      dots: new LaneDots(),
      workersOf: 'nothing',
      isStale: true,
    }));
  }

  /** Draws all but the dots where it is another than it was, beside the canvas; on it, what lies between the lanes. */
  #paintStill({ workers }: Picture, databaseIsAway: boolean): boolean {
    const [layout, theme] = [this.#layout, this.#theme];
    if (layout === undefined || theme === undefined || isEmpty(this.#canvas)) return false;
    const isAnew = this.#isBlank || this.#isAway !== databaseIsAway;
    if (isAnew) {
      this.#paintArea({ left: 0, top: 0, width: this.#canvas.width, height: this.#canvas.height }, databaseIsAway, []);
      this.#copyStill({ left: 0, top: 0, width: this.#canvas.width, height: this.#canvas.height });
    }
    for (const painted of this.#lanes) {
      const own = workers[painted.lane.id];
      if (!isAnew && painted.workersOf !== 'nothing' && lookAlike(painted.workersOf, own)) continue;
      this.#paintArea(painted.area, databaseIsAway, [[painted.lane, own ?? []]]);
      painted.workersOf = own;
      painted.isStale = true;
    }
    this.#isBlank = false;
    this.#isAway = databaseIsAway;
    return isAnew;
  }

  #paintArea(
    { left, top, width, height }: Box,
    databaseIsAway: boolean,
    workers: readonly (readonly [lane: Lane, states: NonNullable<Picture['workers'][DeploymentId]>])[],
  ): void {
    const [layout, theme, context] = [this.#layout, this.#theme, this.#stillContext];
    if (layout === undefined || theme === undefined) return;
    context.save();
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    context.fillStyle = theme.colours.paper;
    context.fillRect(left, top, width, height);
    context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
    const lanes = workers.length === 0 ? layout.lanes : workers.map(([lane]) => lane);
    paintScenery(context, { ...layout, lanes }, theme, databaseIsAway);
    for (const [lane, states] of workers) {
      paintWorkers(context, lane, databaseIsAway ? cutOff(states) : states, layout, theme);
    }
    context.restore();
  }

  #within({ left, top, width, height }: Box, paint: () => void): void {
    this.#context.save();
    this.#context.beginPath();
    this.#context.rect(left, top, width, height);
    this.#context.clip();
    paint();
    this.#context.restore();
  }

  #copyStill({ left, top, width, height }: Box): void {
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    if (width > 0 && height > 0)
      this.#context.drawImage(this.#still, left, top, width, height, left, top, width, height);
  }
}

/** Whether workers are drawn alike: a hundredth of the time more or less is not to be seen. */
function lookAlike(ones: readonly WorkerState[] = [], others: readonly WorkerState[] = []): boolean {
  if (ones === others) return true;
  return (
    ones.length === others.length &&
    ones.every((one, index) => {
      const other = others[index];
      return (
        other !== undefined &&
        one.inProgress === other.inProgress &&
        one.connectionsInUse === other.connectionsInUse &&
        one.connections === other.connections &&
        one.alive === other.alive &&
        Math.abs(one.computing - other.computing) < 0.01 &&
        one.computing >= 0.5 === other.computing >= 0.5
      );
    })
  );
}

/** On whole pixels, so that nothing is left of what was there at its edges. */
function areaOf({ band }: Lane, pixelRatio: number, canvas: HTMLCanvasElement): Box {
  const top = Math.max(0, Math.floor((band.top - BEYOND) * pixelRatio));
  const bottom = Math.min(canvas.height, Math.ceil((band.top + band.height + BEYOND) * pixelRatio));
  return { left: 0, top, width: canvas.width, height: Math.max(0, bottom - top) };
}

/** A canvas without a pixel cannot be copied. */
function isEmpty({ width, height }: HTMLCanvasElement): boolean {
  return width === 0 || height === 0;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('This browser cannot draw on a canvas; use another one');
  return context;
}
