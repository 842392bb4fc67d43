import type { DeploymentId } from '../../protocol.ts';
import type { Dot, DotPhase } from './dot.ts';
import { chooseLook } from './dot-looks.ts';
import type { Lane, Point, Seat, StageLayout } from './layout.ts';
import type { Picture } from './replay.ts';

/** Dots that are drawn at once; where there are more, deployments have equal shares of it. */
export const MOST_DRAWN = 2000;
/** Seconds without a frame after which dots are put where they belong, without motion. */
const PAUSE = 0.4;
/** How fast dots close up: CSS pixels a second, and shares of the distance a second. */
const WALK = 700;
const CATCH_UP = 12;
/** How deep dots fall, as a share of the load balancer's height, where the lane does not end before. */
const DEPTH = 0.6;
/** The height of the stream of dots that find an empty queue, in places of a row. */
const STREAM = 2.5;

/** A dot as it is drawn. */
class Body {
  /** In CSS pixels. */
  x = 0;
  y = 0;
  /** As in `lookOf`. */
  look = 0;
  opacity = 1;
  /** It is there, but there is no room to draw it. */
  isHidden = false;
  /** The phase in which it was last drawn, and where it was when that began. */
  phase: DotPhase | undefined;
  from: Point = { x: 0, y: 0 };
  /** Its row of the queue. */
  row: number | undefined;
  /** Its seat, and the index of the worker. */
  seat: Seat | undefined;
  worker = -1;
}

/** Moves dots over the stage, each from where it is to where the replay has it. */
export class Motion {
  /** By deployment. */
  readonly lanes = new Map<DeploymentId, LaneMotion>();
  drawn: readonly Body[] = [];
  #layout: StageLayout | undefined;
  #clock = 0;

  /** Moves all dots to where they are at `clock`, in seconds from any origin. */
  move({ dots }: Picture, layout: StageLayout, clock: number): void {
    const elapsed = clock - this.#clock;
    this.#clock = clock;
    if (layout !== this.#layout || elapsed > PAUSE) {
      this.#layout = layout;
      this.lanes.clear();
      for (const lane of layout.lanes) this.lanes.set(lane.id, new LaneMotion(lane));
    }
    const dotsOf = Map.groupBy(dots, ({ id }) => id);
    const bodies = [...this.lanes].map(([id, lane]) => lane.move(dotsOf.get(id) ?? [], elapsed));
    const share = bodies.flat().length > MOST_DRAWN ? MOST_DRAWN / bodies.length : MOST_DRAWN;
    this.drawn = bodies.flatMap(each => each.slice(0, share));
  }
}

/** The motion of one deployment's dots. */
class LaneMotion {
  /** Dots in the queue for which there is no room. */
  hidden = 0;
  readonly #lane: Lane;
  /** Where dots leave the load balancer. */
  readonly #gate: Point;
  /** How many dots are in each row of the queue. */
  readonly #rows: number[];
  /** Free seats of each ring of each worker, those first that are free for longest. */
  readonly #free: Seat[][][];
  #bodies = new Map<number, Body>();

  constructor(lane: Lane) {
    this.#lane = lane;
    this.#gate = { x: lane.queue.right, y: lane.balancer.top + lane.balancer.height / 2 };
    this.#rows = new Array(lane.queue.rows).fill(0);
    this.#free = lane.workers.map(({ rings }) => rings.map(seats => [...seats]));
  }

  /** Moves dots to where they are after this many seconds; gives back those that can be drawn. */
  move(dots: readonly Dot[], elapsed: number): Body[] {
    this.hidden = 0;
    this.#rows.fill(0);
    const before = this.#bodies;
    this.#bodies = new Map();
    // First the queue, in the order in which the dots came: the others must know how long it is.
    const waiting = dots.filter(({ phase }) => phase === 'waiting');
    waiting.sort((one, other) => one.arrives - other.arrives || one.number - other.number);
    for (const dot of [...waiting, ...dots.filter(({ phase }) => phase !== 'waiting')]) {
      const body = before.get(dot.number) ?? new Body();
      before.delete(dot.number);
      this.#bodies.set(dot.number, body);
      this.#move(dot, body, elapsed);
    }
    for (const body of before.values()) this.#leaveSeat(body);
    return [...this.#bodies.values()].filter(({ isHidden }) => !isHidden);
  }

  #move(dot: Dot, body: Body, elapsed: number): void {
    const { phase, progress } = dot;
    const wasDrawn = body.phase !== undefined && !body.isHidden;
    if (phase !== body.phase) this.#begin(dot, body);
    body.isHidden = false;
    const { x, y } = this.#place(dot, body);
    const isSeated = phase === 'computing' || phase === 'database';
    const distance = Math.hypot(x - body.x, y - body.y);
    const step = Math.max(WALK, distance * CATCH_UP) * elapsed;
    const glides = wasDrawn && !body.isHidden && (isSeated || phase === 'waiting') && distance > step;
    const share = glides ? step / distance : 1;
    body.x += (x - body.x) * share;
    body.y += (y - body.y) * share;
    body.look = chooseLook(dot, isSeated && this.#lane.workers[dot.worker]?.isLarge === true);
    body.opacity = phase === 'falling' ? 1 - progress ** 2 : 1;
  }

  #leaveSeat(body: Body): void {
    const { seat, worker } = body;
    if (seat !== undefined && !this.#lane.blocking) this.#free[worker]?.[seat.ring]?.push(seat);
    body.seat = undefined;
  }

  /** Begins a phase where the last one ended, or where it must have ended between two frames. */
  #begin({ phase, worker }: Dot, body: Body): void {
    const wasOnWay = body.phase === undefined || body.phase === 'travelling';
    const wasSeated = body.phase === 'computing' || body.phase === 'database';
    const isAtGate = wasOnWay ? phase === 'dispatched' || phase === 'falling' : body.isHidden && phase === 'falling';
    if (isAtGate) Object.assign(body, this.#gate);
    if (phase === 'returning') {
      this.#leaveSeat(body);
      const { x, y } = this.#lane.workers[worker] ?? this.#gate;
      if (!wasSeated || body.isHidden) Object.assign(body, { x, y });
    }
    body.phase = phase;
    body.from = { x: body.x, y: body.y };
  }

  /** Where a dot belongs. */
  #place(dot: Dot, body: Body): Point {
    if (dot.phase === 'travelling') return this.#placeOnWay(dot);
    if (dot.phase === 'waiting') return this.#placeInQueue(body);
    if (dot.phase === 'returning') return this.#placeOnWayBack(dot, body);
    if (dot.phase === 'falling') return this.#placeFalling(dot, body);
    const seat = this.#placeAtWorker(dot, body);
    if (dot.phase !== 'dispatched') return seat;
    return curve(body.from, { x: this.#lane.back.x, y: seat.y }, seat, dot.progress);
  }

  /** Along the middle to the load balancer, and at the end to the shortest row. */
  #placeOnWay({ number, progress }: Dot): Point {
    const { queue, clients } = this.#lane;
    const row = this.#shortestRow();
    const length = this.#rows[row] ?? 0;
    const stray = ((number * 0.618) % 1) - 0.5;
    const middle = this.#gate.y + stray * queue.pitch * STREAM;
    const fromX = clients.left + clients.width;
    const toX = queue.right - Math.min(length, queue.columns) * queue.pitch;
    const toY = length === 0 ? middle : queue.top + row * queue.pitch;
    const turned = Math.max(0, progress * 3 - 2);
    return { x: fromX + (toX - fromX) * progress, y: middle + (toY - middle) * turned };
  }

  /** In the row that was shortest when it came, so that dots do not change places. */
  #placeInQueue(body: Body): Point {
    const { right, top, pitch, columns } = this.#lane.queue;
    body.row ??= this.#shortestRow();
    const place = this.#rows[body.row] ?? 0;
    this.#rows[body.row] = place + 1;
    body.isHidden = place >= columns;
    if (body.isHidden) this.hidden++;
    return { x: right - place * pitch, y: top + body.row * pitch };
  }

  #placeAtWorker({ worker, phase }: Dot, body: Body): Point {
    const { blocking, workers } = this.#lane;
    const { x, y, rings } = workers[worker] ?? { ...this.#gate, rings: [] };
    // It may have been placed with another worker until its own was known.
    if (body.worker !== worker) this.#leaveSeat(body);
    body.worker = worker;
    // A blocking worker's seat is shared for the moment in which one dot leaves and the next one comes.
    body.seat ??= blocking ? rings[0]?.[0] : this.#free[worker]?.find(ring => ring.length > 0)?.shift();
    body.isHidden = body.seat === undefined && phase !== 'dispatched';
    if (body.seat === undefined || (phase === 'computing' && !blocking)) return { x, y };
    return { x: x + body.seat.x, y: y + body.seat.y };
  }

  /** Down from its worker, and below the queue to the clients. */
  #placeOnWayBack({ progress }: Dot, { from }: Body): Point {
    const { back, clients } = this.#lane;
    const first = Math.hypot(back.x - from.x, back.y - from.y);
    const way = progress * (first + back.x - (clients.left + clients.width));
    if (way < first) return curve(from, { x: back.x, y: from.y }, back, way / first);
    return { x: back.x - (way - first), y: back.y };
  }

  #placeFalling({ number, progress }: Dot, { from }: Body): Point {
    const { band, balancer } = this.#lane;
    const aside = ((number % 7) - 3) * 4;
    const depth = Math.min(balancer.height * DEPTH, band.top + band.height - from.y);
    return { x: from.x + progress * aside, y: from.y + progress ** 2 * depth };
  }

  /** Of rows of one length the one nearest to the middle. */
  #shortestRow(): number {
    const fromMiddle = (row: number): number => Math.abs(row - (this.#rows.length - 1) / 2);
    const shortest = Math.min(...this.#rows);
    let best = -1;
    this.#rows.forEach((length, row) => {
      if (length === shortest && (best < 0 || fromMiddle(row) < fromMiddle(best))) best = row;
    });
    return best;
  }
}

/** The point of a quadratic Bézier curve at `progress`, from 0 to 1. */
function curve(from: Point, control: Point, to: Point, progress: number): Point {
  const [before, towards, after] = [(1 - progress) ** 2, 2 * (1 - progress) * progress, progress ** 2];
  return {
    x: before * from.x + towards * control.x + after * to.x,
    y: before * from.y + towards * control.y + after * to.y,
  };
}
