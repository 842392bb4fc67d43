import { ageNames, sizeNames } from './dot-looks.ts';
import type { Theme } from './theme.ts';

/** Every look of a dot, drawn once: to copy a picture is cheaper than to draw a circle. */
export class DotSprites {
  readonly image: ImageBitmap;
  /** Of one picture, in pixels of the screen. */
  readonly side: number;

  constructor(radius: number, pixelRatio: number, { colours }: Theme) {
    this.side = 2 * Math.ceil((radius * 1.5 + 2.5) * pixelRatio);
    const canvas = new OffscreenCanvas(this.side * ageNames.length * sizeNames.length, this.side);
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('This browser cannot draw; use another one');
    sizeNames.forEach((size, row) => {
      const scaled = radius * (size === 'small' ? 0.72 : size === 'large' ? 1.5 : 1) * pixelRatio;
      ageNames.forEach((age, column) => {
        const x = (row * ageNames.length + column + 0.5) * this.side;
        const y = this.side / 2;
        context.fillStyle = colours[age];
        context.strokeStyle = colours[age];
        if (age === 'fresh') disc(context, x, y, scaled * 0.86);
        else if (age === 'ageing') {
          disc(context, x, y, scaled * 0.95);
          context.fillStyle = colours.paper;
          disc(context, x, y, scaled * 0.34);
        } else if (age === 'late') {
          disc(context, x, y, scaled * 0.62);
          context.lineWidth = Math.max(1, scaled * 0.26);
          ring(context, x, y, scaled * 1.02);
        } else cross(context, x, y, scaled);
      });
    });
    this.image = canvas.transferToImageBitmap();
  }
}

function disc(context: OffscreenCanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function ring(context: OffscreenCanvasRenderingContext2D, x: number, y: number, radius: number): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

function cross(context: OffscreenCanvasRenderingContext2D, x: number, y: number, arm: number): void {
  context.lineWidth = arm * 0.5;
  context.lineCap = 'round';
  context.beginPath();
  context.moveTo(x - arm * 0.8, y - arm * 0.8);
  context.lineTo(x + arm * 0.8, y + arm * 0.8);
  context.moveTo(x + arm * 0.8, y - arm * 0.8);
  context.lineTo(x - arm * 0.8, y + arm * 0.8);
  context.stroke();
}
