import type { DotSprites } from './dot-sprites.ts';
import { MOST_DRAWN, type Motion } from './motion.ts';

/** Of each dot: its column and row on the screen, its look, and its opacity in 255ths. */
const NUMBERS = 4;

/** The dots of one lane as they are on the canvas, in pixels of the screen. */
export class LaneDots {
  #dots = new Int16Array(NUMBERS * 64);
  #former = new Int16Array(NUMBERS * 64);
  #length = 0;
  #hidden = 0;

  /** Takes them from the motion; whether anything looks otherwise than before. `side`: of a dot's picture. */
  follow(motion: Motion, lane: number, hidden: number, pixelRatio: number, side: number): boolean {
    const formerLength = this.#length;
    [this.#dots, this.#former] = [this.#former, this.#dots];
    let length = 0;
    for (let dot = 0; dot < motion.count; dot++) {
      if (motion.lane[dot] !== lane) continue;
      if (length === this.#dots.length) this.#dots = longer(this.#dots);
      // On whole pixels a copy is sharp, and cheap.
      this.#dots[length++] = Math.round((motion.x[dot] ?? 0) * pixelRatio - side / 2);
      this.#dots[length++] = Math.round((motion.y[dot] ?? 0) * pixelRatio - side / 2);
      this.#dots[length++] = motion.look[dot] ?? 0;
      this.#dots[length++] = Math.round((motion.opacity[dot] ?? 1) * 255);
    }
    this.#length = length;
    const haveMoved = length !== formerLength || hidden !== this.#hidden || !this.#isAsBefore();
    this.#hidden = hidden;
    return haveMoved;
  }

  paint(context: CanvasRenderingContext2D, { image, side }: DotSprites): void {
    for (let dot = 0; dot < this.#length; dot += NUMBERS) {
      const [x = 0, y = 0, look = 0, opacity = 255] = [
        this.#dots[dot],
        this.#dots[dot + 1],
        this.#dots[dot + 2],
        this.#dots[dot + 3],
      ];
      if (opacity < 255) context.globalAlpha = opacity / 255;
      context.drawImage(image, look * side, 0, side, side, x, y, side, side);
      if (opacity < 255) context.globalAlpha = 1;
    }
  }

  #isAsBefore(): boolean {
    for (let index = 0; index < this.#length; index++) {
      if (this.#dots[index] !== this.#former[index]) return false;
    }
    return true;
  }
}

function longer(dots: Int16Array<ArrayBuffer>): Int16Array<ArrayBuffer> {
  const doubled = new Int16Array(Math.min(2 * dots.length, NUMBERS * MOST_DRAWN));
  doubled.set(dots);
  return doubled;
}
