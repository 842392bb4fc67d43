import type { TopologyName } from '../../../services/topologies.ts';
import type { Census } from './census.ts';
import { DotSprites } from './dot-sprites.ts';
import type { StageLayout } from './layout.ts';
import type { Motion } from './motion.ts';
import { paintCounts } from './paint-counts.ts';
import { paintPile } from './paint-pile.ts';
import { paintScenery } from './paint-scenery.ts';
import { paintWorkers } from './paint-workers.ts';
import type { Picture } from './replay.ts';
import type { Theme } from './theme.ts';

/** Beyond it nobody sees a difference, and every pixel costs time. */
const MOST_PIXEL_RATIO = 2;

/** Draws the stage. What moves is drawn anew in each frame, what stands still only when it has become another. */
export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  readonly #still: HTMLCanvasElement = document.createElement('canvas');
  readonly #stillContext: CanvasRenderingContext2D;
  #layout: StageLayout | undefined;
  #theme: Theme | undefined;
  #sprites: DotSprites | undefined;
  #pixelRatio = 1;
  #stillOf: Picture['workers'] | undefined;
  #isAway = false;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
    // Nothing shines through, which spares the browser the blending.
    this.#context = contextOf(canvas);
    this.#stillContext = contextOf(this.#still);
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
    this.#stillOf = undefined;
  }

  /** Draws all but the dots. */
  paintStill({ workers }: Picture, databaseIsAway: boolean): void {
    const [layout, theme] = [this.#layout, this.#theme];
    if (layout === undefined || theme === undefined) return;
    if (this.#stillOf !== workers || this.#isAway !== databaseIsAway) {
      const context = this.#stillContext;
      context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
      context.fillStyle = theme.colours.paper;
      context.fillRect(0, 0, layout.width, layout.height);
      paintScenery(context, layout, theme, databaseIsAway);
      for (const lane of layout.lanes) paintWorkers(context, lane, workers[lane.topology] ?? [], layout, theme);
      this.#stillOf = workers;
      this.#isAway = databaseIsAway;
    }
    this.#context.setTransform(1, 0, 0, 1, 0, 0);
    this.#context.drawImage(this.#still, 0, 0);
  }

  /** Writes how many requests are where, in place of dots. */
  paintCounts(census: Partial<Record<TopologyName, Census>>): void {
    if (this.#layout === undefined || this.#theme === undefined) return;
    this.#context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
    paintCounts(this.#context, this.#layout, census, this.#theme);
  }

  /** Draws the dots where they are, and how many requests wait beyond the room that there is. */
  paintDots(motion: Motion, requestsPerDot: number): void {
    const [layout, theme, sprites] = [this.#layout, this.#theme, this.#sprites];
    if (layout === undefined || theme === undefined || sprites === undefined) return;
    const context = this.#context;
    const { side, image } = sprites;
    for (let dot = 0; dot < motion.count; dot++) {
      const opacity = motion.opacity[dot] ?? 1;
      if (opacity < 1) context.globalAlpha = opacity;
      // On whole pixels a copy is sharp, and cheap.
      const x = Math.round((motion.x[dot] ?? 0) * this.#pixelRatio - side / 2);
      const y = Math.round((motion.y[dot] ?? 0) * this.#pixelRatio - side / 2);
      context.drawImage(image, (motion.look[dot] ?? 0) * side, 0, side, side, x, y, side, side);
      if (opacity < 1) context.globalAlpha = 1;
    }
    context.setTransform(this.#pixelRatio, 0, 0, this.#pixelRatio, 0, 0);
    for (const lane of layout.lanes) {
      const hidden = motion.lanes.get(lane.topology)?.hidden ?? 0;
      if (hidden > 0) paintPile(context, lane, hidden * requestsPerDot, layout.textSize, theme);
    }
  }
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { alpha: false });
  if (context === null) throw new Error('This browser cannot draw on a canvas; use another one');
  return context;
}
