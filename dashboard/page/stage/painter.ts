import type { Censuses } from './census.ts';
import { resolveColour } from './colours.ts';
import { type DotShape, dotShapes, dotSizes } from './dot-looks.ts';
import type { StageLayout } from './layout.ts';
import type { Motion } from './motion.ts';
import { paintCounts, paintPile, paintScenery, paintWorkers } from './paint.ts';
import { Pen } from './pen.ts';
import type { Picture } from './replay.ts';

const shapes: readonly DotShape[] = Object.values(dotShapes);
/** Beyond it no difference is seen, and every pixel costs time. */
const MOST_PIXEL_RATIO = 2;

/** Draws the stage in one layout and colour scheme. What stands still is drawn beside the canvas, and copied under the dots. */
export class Painter {
  readonly #canvas: HTMLCanvasElement;
  readonly #still = document.createElement('canvas');
  readonly #layout: StageLayout;
  readonly #pixelRatio: number;
  readonly #sprites: ReturnType<typeof drawSprites>;
  // What the canvases show.
  #workers: Picture['workers'] | undefined;
  #isAway = false;
  #hasDots = true;

  constructor(canvas: HTMLCanvasElement, layout: StageLayout, devicePixelRatio: number) {
    this.#canvas = canvas;
    this.#layout = layout;
    this.#pixelRatio = Math.min(devicePixelRatio, MOST_PIXEL_RATIO);
    this.#sprites = drawSprites(layout.dotRadius, this.#pixelRatio);
    for (const each of [canvas, this.#still]) {
      each.width = Math.round(layout.width * this.#pixelRatio);
      each.height = Math.round(layout.height * this.#pixelRatio);
    }
  }

  /** Draws the stage with its dots; `false`: it looks as before. */
  paint(picture: Picture, databaseIsAway: boolean, { drawn, lanes }: Motion, requestsPerDot: number): boolean {
    if (!this.#paintStill(picture, databaseIsAway) && drawn.length === 0 && !this.#hasDots) return false;
    this.#hasDots = drawn.length > 0;
    const context = this.#copyStill();
    const { image, side } = this.#sprites;
    // On whole pixels a copy is sharp, and cheap.
    const round = (centre: number): number => Math.round(centre * this.#pixelRatio - side / 2);
    for (const { x, y, look, opacity } of drawn) {
      context.globalAlpha = opacity;
      context.drawImage(image, look * side, 0, side, side, round(x), round(y), side, side);
    }
    context.globalAlpha = 1;
    for (const lane of this.#layout.lanes) {
      const pile = (lanes.get(lane.id)?.hidden ?? 0) * requestsPerDot;
      if (pile > 0) paintPile(new Pen(context, this.#pixelRatio), lane, pile, this.#layout.textSize);
    }
    return true;
  }

  /** Draws the stage with numbers in place of dots. */
  paintCounts(picture: Picture, databaseIsAway: boolean, censuses: Censuses): void {
    this.#paintStill(picture, databaseIsAway);
    this.#hasDots = true;
    const pen = new Pen(this.#copyStill(), this.#pixelRatio);
    for (const lane of this.#layout.lanes) {
      const census = censuses[lane.id];
      if (census !== undefined) paintCounts(pen, lane, census, this.#layout.textSize);
    }
  }

  /** Draws all but the dots beside the canvas; `false`: it looks as before. */
  #paintStill({ workers }: Picture, databaseIsAway: boolean): boolean {
    if (workers === this.#workers && databaseIsAway === this.#isAway) return false;
    this.#workers = workers;
    this.#isAway = databaseIsAway;
    const pen = new Pen(createContext2d(this.#still, false), this.#pixelRatio);
    paintScenery(pen, this.#layout, databaseIsAway);
    for (const lane of this.#layout.lanes) {
      // A worker may not have noticed yet that it has lost its connections.
      const states = (workers[lane.id] ?? []).map(one => (databaseIsAway ? { ...one, connectionsInUse: 0 } : one));
      paintWorkers(pen, lane, states, this.#layout);
    }
    return true;
  }

  #copyStill(): CanvasRenderingContext2D {
    const context = createContext2d(this.#canvas, false);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.drawImage(this.#still, 0, 0);
    return context;
  }
}

/** Draws every look of a dot once: copying a picture costs less than drawing a circle. `side`: of one, in pixels of the screen. */
function drawSprites(radius: number, pixelRatio: number) {
  const side = 2 * Math.ceil((radius * 1.5 + 2.5) * pixelRatio);
  const image = document.createElement('canvas');
  image.width = side * shapes.length * dotSizes.length;
  image.height = side;
  const context = createContext2d(image, true);
  context.lineCap = 'round';
  for (const [row, size] of dotSizes.entries()) {
    const scale = radius * size * pixelRatio;
    for (const [column, { colour, fill, stroke, width = 0 }] of shapes.entries()) {
      context.setTransform(scale, 0, 0, scale, (row * shapes.length + column + 0.5) * side, side / 2);
      context.fillStyle = resolveColour(colour);
      context.strokeStyle = resolveColour(colour);
      context.lineWidth = Math.max(1 / scale, width);
      context.fill(new Path2D(fill));
      context.stroke(new Path2D(stroke));
    }
  }
  return { image, side };
}

/** The context of a canvas; without `alpha` nothing shines through, which spares the browser the blending. */
function createContext2d(canvas: HTMLCanvasElement, alpha: boolean): CanvasRenderingContext2D {
  const context = canvas.getContext('2d', { alpha });
  if (context === null) throw new Error('This browser cannot draw on a canvas; use another one');
  return context;
}
