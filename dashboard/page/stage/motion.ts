import type { DeploymentId } from '../../protocol.ts';
import type { Dot } from './dot.ts';
import { lookOf } from './dot-looks.ts';
import { LaneMotion } from './lane-motion.ts';
import type { StageLayout } from './layout.ts';
import { Mover } from './mover.ts';
import type { Picture } from './replay.ts';

/** Dots that are drawn at once. */
export const MOST_DRAWN = 1500;
/** Seconds without a look after which nothing is in motion any more: all is where it belongs. */
const PAUSE = 0.4;

interface Moved {
  readonly dot: Dot;
  readonly mover: Mover;
}

/** Moves dots over the stage, each from where it is to where the replay has it. */
export class Motion {
  /** What is drawn: `count` of each. Places in CSS pixels, looks as in `lookOf`. */
  readonly x = new Float32Array(MOST_DRAWN);
  readonly y = new Float32Array(MOST_DRAWN);
  readonly look = new Uint8Array(MOST_DRAWN);
  readonly opacity = new Float32Array(MOST_DRAWN);
  /** The place of its lane in the layout. */
  readonly lane = new Uint8Array(MOST_DRAWN);
  count = 0;
  readonly lanes = new Map<DeploymentId, LaneMotion>();
  #moved = new Map<number, Moved>();
  #layout: StageLayout | undefined;
  #clock = 0;

  /** Moves all to where they are at `clock`, in seconds from anywhere. */
  move({ dots }: Picture, layout: StageLayout, clock: number): void {
    const elapsed = clock - this.#clock;
    this.#clock = clock;
    if (layout !== this.#layout || elapsed > PAUSE) this.#rest(layout);
    for (const lane of this.lanes.values()) lane.begin();
    this.count = 0;
    const moved = new Map<number, Moved>();
    const places = new Map(layout.lanes.map(({ id }, place) => [id, place]));
    for (const dot of inTurn(dots)) {
      const lane = this.lanes.get(dot.id);
      if (lane === undefined) continue;
      const mover = this.#moved.get(dot.number)?.mover ?? new Mover();
      this.#moved.delete(dot.number);
      moved.set(dot.number, { dot, mover });
      lane.move(dot, mover, elapsed);
      if (!mover.isHidden) this.#draw(dot, mover, places.get(dot.id) ?? 0);
    }
    for (const { dot, mover } of this.#moved.values()) {
      this.lanes.get(dot.id)?.leave(dot.number, mover);
    }
    this.#moved = moved;
  }

  #draw(dot: Dot, mover: Mover, lane: number): void {
    if (this.count >= MOST_DRAWN) return;
    this.x[this.count] = mover.x;
    this.y[this.count] = mover.y;
    this.look[this.count] = lookOf(dot, mover.isAlone);
    this.lane[this.count] = lane;
    this.opacity[this.count] = dot.phase === 'falling' ? 1 - dot.progress ** 2 : 1;
    this.count++;
  }

  #rest(layout: StageLayout): void {
    this.#layout = layout;
    this.#moved.clear();
    this.lanes.clear();
    for (const lane of layout.lanes) this.lanes.set(lane.id, new LaneMotion(lane, layout.dotRadius));
  }
}

/** Those that wait, in their order, and then the others: who comes must see who is there. */
function inTurn(dots: readonly Dot[]): Dot[] {
  const waiting = dots.filter(({ phase }) => phase === 'waiting').sort((one, other) => one.place - other.place);
  return [...waiting, ...dots.filter(({ phase }) => phase !== 'waiting')];
}
