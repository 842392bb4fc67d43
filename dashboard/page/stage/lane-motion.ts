import type { Dot } from './dot.ts';
import type { Lane } from './layout.ts';
import type { Mover } from './mover.ts';
import type { WorkerPlace } from './process-places.ts';
import { QueueLines } from './queue-lines.ts';
import { Seating } from './seating.ts';

/** How far dots fall, as a share of the load balancer's height, where the lane does not end before. */
const DEPTH = 0.6;
/** How wide the stream of dots is that find nobody waiting, in places of a row. */
const STREAM = 2.5;

/** The motion of one deployment's dots. */
export class LaneMotion {
  /** Dots that wait at the pool, and those of them for which there is no room. */
  waiting = 0;
  hidden = 0;
  readonly #lane: Lane;
  readonly #dotRadius: number;
  readonly #lines: QueueLines;
  readonly #seatings: readonly Seating[];

  constructor(lane: Lane, dotRadius: number) {
    this.#lane = lane;
    this.#dotRadius = dotRadius;
    this.#lines = new QueueLines(lane.queue.rows);
    this.#seatings = lane.workers.map(({ rings }) => new Seating(rings));
  }

  /** Begins a look: those that wait are moved first, in their order. */
  begin(): void {
    this.#lines.begin();
    this.waiting = 0;
    this.hidden = 0;
  }

  /** Moves a dot to where it is after so many seconds. */
  move(dot: Dot, mover: Mover, elapsed: number): void {
    mover.isAlone = false;
    if (dot.phase === 'waiting') this.#wait(dot, mover, elapsed);
    else if (dot.phase === 'travelling') this.#travel(dot, mover);
    else {
      this.#lines.leave(dot.number);
      if (dot.phase === 'falling') this.#fall(dot, mover);
      else this.#work(dot, mover, elapsed);
    }
    mover.begin(dot.phase);
  }

  /** It is gone. */
  leave(number: number, mover: Mover): void {
    this.#lines.leave(number);
    this.#rise(mover);
  }

  #wait(dot: Dot, mover: Mover, elapsed: number): void {
    const { queue } = this.#lane;
    const { row, place } = this.#lines.place(dot.number);
    const x = queue.right - place * queue.pitch;
    const y = queue.top + row * queue.pitch;
    const wasHidden = mover.isHidden;
    mover.isHidden = place >= queue.columns;
    this.waiting++;
    if (mover.isHidden) this.hidden++;
    if (mover.isNew || mover.isHidden || wasHidden) mover.put(x, y);
    else mover.approach(x, y, elapsed);
  }

  /** In the middle of the way to the load balancer, and in the end to the row that is the shortest. */
  #travel(dot: Dot, mover: Mover): void {
    const { queue, balancer, clients } = this.#lane;
    const { row, place } = this.#lines.next();
    const stray = ((dot.number * 0.618) % 1) - 0.5;
    const middle = balancer.top + balancer.height / 2 + stray * queue.pitch * STREAM;
    const fromX = clients.left + clients.width;
    const toX = queue.right - Math.min(place, queue.columns) * queue.pitch;
    const toY = place === 0 ? middle : queue.top + row * queue.pitch;
    const turned = Math.max(0, dot.progress * 3 - 2);
    mover.put(fromX + (toX - fromX) * dot.progress, middle + (toY - middle) * turned);
  }

  /** On its way to its worker, with it, or back. */
  #work(dot: Dot, mover: Mover, elapsed: number): void {
    const worker = this.#lane.workers[dot.worker];
    if (worker === undefined) mover.isHidden = true;
    else if (dot.phase === 'returning') this.#return(dot, mover, worker);
    else this.#sit(dot, mover, worker, elapsed);
  }

  #sit(dot: Dot, mover: Mover, worker: WorkerPlace, elapsed: number): void {
    // It was thought to be with another until its own was known: it goes over to it.
    if (mover.seatOf !== dot.worker) this.#rise(mover);
    mover.seatOf = dot.worker;
    // A seat for one is shared for the moment in which one leaves and the next comes.
    mover.seat ??= worker.kind === 'seat' ? 0 : this.#seatings[dot.worker]?.take(dot.number);
    const isAtHub = worker.kind === 'loop' && dot.phase === 'computing';
    const [seatX, seatY] = (isAtHub || mover.seat === undefined ? undefined : worker.seats[mover.seat]) ?? [0, 0];
    const isAlone = worker.kind === 'seat' && worker.radius > 2 * this.#dotRadius;
    const x = worker.x + seatX;
    const y = worker.y + seatY;
    if (dot.phase === 'dispatched') {
      if (mover.isNew || mover.phase === 'travelling') this.#putAtGate(mover);
      mover.begin(dot.phase);
      mover.isHidden = false;
      mover.curve(this.#lane.back.x, y, x, y, dot.progress);
    } else if (mover.isNew || mover.isHidden || mover.phase === 'travelling') {
      mover.put(x, y);
      mover.isHidden = mover.seat === undefined;
      mover.isAlone = isAlone;
    } else {
      mover.approach(x, y, elapsed);
      mover.isHidden = mover.seat === undefined;
      mover.isAlone = isAlone;
    }
  }

  #return(dot: Dot, mover: Mover, worker: WorkerPlace): void {
    this.#rise(mover);
    // Between two frames it may have been with its worker, and is never seen to turn back before.
    if (mover.phase !== 'returning' && (!mover.isSeated || mover.isHidden)) mover.put(worker.x, worker.y);
    mover.begin(dot.phase);
    mover.isHidden = false;
    const { back, clients } = this.#lane;
    const { x, y } = mover.from;
    const first = Math.hypot(back.x - x, back.y - y);
    const way = dot.progress * (first + back.x - (clients.left + clients.width));
    if (way < first) mover.curve(back.x, y, back.x, back.y, way / first);
    else mover.put(back.x - (way - first), back.y);
  }

  #fall(dot: Dot, mover: Mover): void {
    if (mover.isNew || mover.isHidden || mover.phase === 'travelling') this.#putAtGate(mover);
    mover.begin(dot.phase);
    mover.isHidden = false;
    const { band, balancer } = this.#lane;
    const { x, y } = mover.from;
    const aside = ((dot.number % 7) - 3) * 4;
    const depth = Math.min(balancer.height * DEPTH, band.top + band.height - y);
    mover.put(x + dot.progress * aside, y + dot.progress ** 2 * depth);
  }

  #putAtGate(mover: Mover): void {
    const { queue, balancer } = this.#lane;
    mover.put(queue.right, balancer.top + balancer.height / 2);
  }

  #rise(mover: Mover): void {
    if (mover.seat !== undefined) this.#seatings[mover.seatOf]?.leave(mover.seat);
    mover.seat = undefined;
  }
}
