import { resolveColour } from './colours.ts';
import type { Box } from './layout.ts';

/** How a shape is drawn. Colours are custom properties of the palette and `stage.css`, lengths are in CSS pixels. */
interface Ink {
  readonly fill?: string;
  readonly stroke?: string;
  readonly width?: number;
  readonly dash?: readonly number[];
}

/** Draws shapes and text on a canvas, in CSS pixels. */
export class Pen {
  readonly #context: CanvasRenderingContext2D;
  readonly #font = getComputedStyle(document.body).fontFamily;

  constructor(context: CanvasRenderingContext2D, pixelRatio: number) {
    this.#context = context;
    context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  }

  /** Draws a path; as text it is in the syntax of SVG. */
  draw(path: Path2D | string, { fill, stroke, width = 1, dash = [] }: Ink): void {
    const context = this.#context;
    const shape = new Path2D(path);
    if (fill !== undefined) {
      context.fillStyle = resolveColour(fill);
      context.fill(shape);
    }
    if (stroke === undefined) return;
    context.strokeStyle = resolveColour(stroke);
    context.lineWidth = width;
    context.setLineDash([...dash]);
    context.stroke(shape);
  }

  box({ left, top, width, height }: Box, radius: number, ink: Ink): void {
    const path = new Path2D();
    path.roundRect(left, top, width, height, radius);
    this.draw(path, ink);
  }

  /** A circle, or the arc between two angles, clockwise from the right. */
  circle(x: number, y: number, radius: number, ink: Ink, from = 0, to = 2 * Math.PI): void {
    const path = new Path2D();
    path.arc(x, y, radius, from, to);
    this.draw(path, ink);
  }

  /** Writes a text in the middle of `x`, with its baseline at `y`. */
  write(text: string, x: number, y: number, size: number, colour: string, weight = 400): void {
    this.#context.font = `${weight} ${size}px ${this.#font}`;
    this.#context.textAlign = 'center';
    this.#context.fillStyle = resolveColour(colour);
    this.#context.fillText(text, x, y);
  }

  /** The width of a text. */
  measure(text: string, size: number, weight = 400): number {
    this.#context.font = `${weight} ${size}px ${this.#font}`;
    return this.#context.measureText(text).width;
  }
}
