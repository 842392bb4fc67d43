import type { DotPhase } from './dot.ts';

/** At which dots run up to the end of their row: CSS pixels a second, and shares of the distance a second. */
const WALK = 700;
const CATCH_UP = 12;

/** A dot's body: where it is drawn, in CSS pixels, and where it was when its phase began. */
export class Mover {
  x = 0;
  y = 0;
  /** In which it was drawn last; `undefined`: never yet. */
  phase: DotPhase | undefined;
  /** It is there, and there is no room to draw it. */
  isHidden = false;
  /** It sits on a seat for one. */
  isAlone = false;
  /** Its seat, and the worker whose seat it is. */
  seat: number | undefined;
  seatOf = -1;
  #fromX = 0;
  #fromY = 0;

  get isNew(): boolean {
    return this.phase === undefined;
  }

  /** Whether it was drawn with its worker last. */
  get isSeated(): boolean {
    return this.phase === 'computing' || this.phase === 'database';
  }

  get from(): { readonly x: number; readonly y: number } {
    return { x: this.#fromX, y: this.#fromY };
  }

  put(x: number, y: number): void {
    this.x = x;
    this.y = y;
  }

  /** Whatever it does next begins where it is. */
  begin(phase: DotPhase): void {
    if (this.phase === phase) return;
    this.phase = phase;
    this.#fromX = this.x;
    this.#fromY = this.y;
  }

  /** Nearer to a place, as far as it comes in so many seconds. */
  approach(x: number, y: number, elapsed: number): void {
    const distance = Math.hypot(x - this.x, y - this.y);
    const step = Math.max(WALK, distance * CATCH_UP) * elapsed;
    const share = distance <= step ? 1 : step / distance;
    this.put(this.x + (x - this.x) * share, this.y + (y - this.y) * share);
  }

  /** On a curve from where its phase began to the end, drawn towards the control point; `progress` from 0 to 1. */
  curve(controlX: number, controlY: number, x: number, y: number, progress: number): void {
    const rest = 1 - progress;
    const [before, towards, after] = [rest * rest, 2 * rest * progress, progress * progress];
    this.put(
      before * this.#fromX + towards * controlX + after * x,
      before * this.#fromY + towards * controlY + after * y,
    );
  }
}
