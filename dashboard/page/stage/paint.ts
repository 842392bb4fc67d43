import { shownCount } from '../../../model/quantities.ts';
import type { WorkerState } from '../../protocol.ts';
import { type Activity, type Census, describeActivity } from './census.ts';
import type { Box, Lane, ProcessPlace, StageLayout, WorkerPlace } from './layout.ts';
import type { Pen } from './pen.ts';

/** A worker that was not seen yet. */
const UNKNOWN: WorkerState = { inProgress: 0, connectionsInUse: 0, connections: 1, computing: 0, alive: true };

/** The colours of a worker. */
const inks: Readonly<Record<Activity, { readonly text: string; readonly fill: string; readonly stroke: string }>> = {
  computing: { text: 'computing', fill: 'computing-tint', stroke: 'rule' },
  'waiting for database': { text: 'database', fill: 'database-tint', stroke: 'database' },
  idle: { text: 'soft', fill: 'paper', stroke: 'rule' },
  gone: { text: 'late', fill: 'paper', stroke: 'rule' },
};

/** Draws what never moves: heads, clients, load balancers, the ways between them, the database. */
export function paintScenery(pen: Pen, layout: StageLayout, databaseIsAway: boolean): void {
  const { width, height, lanes, database } = layout;
  pen.box({ left: 0, top: 0, width, height }, 0, { fill: 'paper' });
  if (lanes.length === 0) return;
  paintHeads(pen, layout, databaseIsAway);
  paintDatabase(pen, database, databaseIsAway);
  for (const { balancer, clients, back, rows } of lanes) {
    paintBalancer(pen, balancer);
    const from = clients.left + clients.width;
    const gate = balancer.left + balancer.width;
    const middle = findMiddle(balancer);
    const ways = rows.map(row => {
      const [first = balancer, last = balancer] = [row[0]?.box, row.at(-1)?.box];
      const [left, right, y] = [first.left, last.left + last.width, findMiddle(first)];
      return `M${right} ${y}H${database.left}M${gate} ${middle}Q${back.x} ${y} ${left} ${y}`;
    });
    pen.draw(`M${from + 4} ${middle}H${gate - 5}${ways.join('')}`, { stroke: 'hair', width: 1.5 });
    pen.draw(`M${back.x} ${back.y}H${from + 8}`, { stroke: 'hair', width: 1.5, dash: [2, 5] });
    pen.draw(`M${from + 2} ${back.y}l7 -4v8Z`, { fill: 'hair' });
    paintClients(pen, clients, width);
  }
}

/** The names of the columns, above the first deployment. */
function paintHeads(pen: Pen, { lanes, database, width, textSize }: StageLayout, databaseIsAway: boolean): void {
  const boxes = lanes[0]?.rows.flat().map(({ box }) => box) ?? [];
  const workers = (Math.min(...boxes.map(box => box.left)) + Math.max(...boxes.map(box => box.left + box.width))) / 2;
  const { left, width: queue } = lanes[0]?.balancer ?? database;
  const isNarrow = width < 560;
  const heads: readonly (readonly [string, number])[] = [
    ['clients', 0],
    [isNarrow ? '' : 'waiting', left + queue / 2 - 24],
    ['load balancer', left + queue - (isNarrow ? 20 : 0)],
    ['workers', workers],
    [databaseIsAway ? 'away' : 'database', database.left + database.width / 2],
  ];
  for (const [head, centre] of heads) {
    const half = pen.measure(head, textSize) / 2;
    const x = Math.min(Math.max(centre, half), width - half);
    pen.write(head, x, 1.2 * textSize, textSize, head === 'away' ? 'late' : 'soft');
  }
}

/** Three browser windows. */
function paintClients(pen: Pen, box: Box, stageWidth: number): void {
  const left = box.left + 1;
  const width = box.width - (stageWidth < 560 ? 2 : 8);
  const height = Math.min(width * 0.72, box.height / 4);
  const gap = Math.min(height * 0.45, (box.height - 3 * height) / 2);
  const first = box.top + (box.height - 3 * height - 2 * gap) / 2;
  for (const top of [first, first + height + gap, first + 2 * (height + gap)]) {
    pen.box({ left, top, width, height }, 3, { fill: 'panel', stroke: 'rule', width: 1.25 });
    pen.draw(`M${left} ${top + height * 0.28}h${width}`, { stroke: 'rule', width: 1.25 });
  }
}

/** The room for the queue between two rails, and the gate at its end. */
function paintBalancer(pen: Pen, box: Box): void {
  const { left, top, width, height } = box;
  pen.box(box, 0, { fill: 'floor' });
  pen.draw(`M${left} ${top + 0.5}h${width}M${left} ${top + height - 0.5}h${width}`, { stroke: 'rule' });
  pen.box({ left: left + width - 5, top: top - 3, width: 6, height: height + 6 }, 3, { fill: 'ink' });
}

/** A drum from the first deployment to the last. */
function paintDatabase(pen: Pen, { left, top, width, height }: Box, isAway: boolean): void {
  const radius = (width - 2) / 2;
  const lid = Math.min(radius * 0.4, 12);
  const [x, upper, lower] = [left + 1, top + lid, top + height - lid];
  const ink = { stroke: isAway ? 'soft' : 'database', width: 1.5, dash: isAway ? [4, 4] : [] };
  const [out, back] = [`a${radius} ${lid} 0 0 0 ${2 * radius} 0`, `a${radius} ${lid} 0 0 0 ${-2 * radius} 0`];
  pen.draw(`M${x} ${upper}V${lower}${out}V${upper}${back}Z`, { ...ink, fill: isAway ? 'paper' : 'database-tint' });
  pen.draw(`M${x} ${upper}${out}`, ink);
}

/** Draws the workers of a deployment: what each does, how much it computes, what it holds. */
export function paintWorkers(pen: Pen, lane: Lane, workers: readonly WorkerState[], layout: StageLayout): void {
  for (const row of lane.rows) {
    const inRow = row.flatMap(process => process.workers.map(worker => workers[worker] ?? UNKNOWN));
    paintLink(pen, row.at(-1)?.box ?? lane.band, inRow, layout);
    for (const process of row) {
      const states = process.workers.map(worker => workers[worker] ?? UNKNOWN);
      const isGone = states.every(({ alive }) => !alive);
      paintProcess(pen, process, isGone, layout.textSize);
      if (isGone) continue;
      for (const worker of process.workers) {
        const [place, state = UNKNOWN] = [lane.workers[worker], workers[worker]];
        if (place === undefined) continue;
        if (lane.blocking) paintSeat(pen, place, state);
        else paintLoop(pen, place, state, layout.dotRadius);
      }
      const [first = UNKNOWN] = states;
      if (states.length > 1) continue;
      if (process.hasCaption) paintCaption(pen, process.box, first, lane.blocking, layout.textSize);
      paintConnections(pen, process.box, first);
    }
  }
}

/** The line from a row of processes to the database, as strong as they use it, and how many connections they use. */
function paintLink(pen: Pen, box: Box, states: readonly WorkerState[], { database, textSize }: StageLayout): void {
  const inUse = states.reduce((sum, state) => sum + state.connectionsInUse, 0);
  if (inUse === 0) return;
  const connections = states.reduce((sum, state) => sum + state.connections, 0);
  const width = 1 + 2.5 * Math.min(1, inUse / connections);
  pen.draw(`M${box.left + box.width} ${findMiddle(box)}H${database.left}`, { stroke: 'database', width });
  const size = database.width < 40 ? textSize : textSize + 3;
  pen.write(String(inUse), database.left + database.width / 2, findMiddle(box) + 5, size, 'database', 600);
}

/** The box of a process; crossed out while all its workers are gone. */
function paintProcess(pen: Pen, { box, hasCaption }: ProcessPlace, isGone: boolean, textSize: number): void {
  const inner = { left: box.left + 0.5, top: box.top + 0.5, width: box.width - 1, height: box.height - 1 };
  const ink = isGone ? { fill: 'paper', stroke: 'late', width: 1.5, dash: [4, 4] } : { fill: 'panel', stroke: 'rule' };
  pen.box(inner, Math.min(9, box.height / 5), ink);
  if (!isGone) return;
  const [x, y, arm] = [box.left + box.width / 2, findMiddle(box), Math.min(12, box.height / 5)];
  const cross = `M${x - arm} ${y - arm}l${2 * arm} ${2 * arm}m0 ${-2 * arm}l${-2 * arm} ${2 * arm}`;
  pen.draw(cross, { stroke: 'late', width: 2.5 });
  if (hasCaption) pen.write('gone', x, box.top + box.height - 0.6 * textSize, textSize, 'late');
}

/** A seat for one request; the arc around it is the share of time in which the worker computes. */
function paintSeat(pen: Pen, { x, y, radius }: WorkerPlace, state: WorkerState): void {
  const { fill, stroke } = inks[describeActivity(state)];
  const isSmall = radius < 9;
  pen.circle(x, y, radius, { fill, stroke, width: isSmall ? 1 : 1.5 });
  paintGauge(pen, x, y, radius, state.computing, isSmall ? 2 : 3);
}

/** A ring for many requests; the arc around it is the share of time in which the worker computes. */
function paintLoop(pen: Pen, { x, y, radius, hub }: WorkerPlace, { computing }: WorkerState, dotRadius: number): void {
  const gauge = radius + dotRadius + 2.5;
  pen.circle(x, y, gauge, { stroke: 'hair', width: 2.5 });
  pen.circle(x, y, radius, { stroke: 'hair', width: 1.25 });
  paintGauge(pen, x, y, gauge, computing, 2.5);
  if (hub < 5) return;
  // An arrow that goes round.
  const angle = -0.35 * Math.PI;
  pen.circle(x, y, hub, { stroke: 'rule', width: 1.5 }, angle, 1.3 * Math.PI);
  const [tipX, tipY] = [x + hub * Math.cos(angle), y + hub * Math.sin(angle)];
  pen.draw(`M${tipX - 4} ${tipY - 3.5}l6.5 1l-2 6.5Z`, { fill: 'rule' });
}

function paintGauge(pen: Pen, x: number, y: number, radius: number, share: number, width: number): void {
  const top = -Math.PI / 2;
  if (share >= 0.02)
    pen.circle(x, y, radius, { stroke: 'computing', width }, top, top + 2 * Math.PI * Math.min(1, share));
}

/** What a blocking worker does, or how many requests a loop holds. */
function paintCaption(pen: Pen, box: Box, state: WorkerState, blocking: boolean, textSize: number): void {
  const activity = describeActivity(state);
  const [x, y] = [box.left + box.width / 2, box.top + box.height - 0.6 * textSize];
  const words = pen.measure(activity, textSize) < box.width - 8 ? activity : activity.replace(/ .*/, '');
  if (blocking) pen.write(words, x, y, textSize, inks[activity].text);
  else pen.write(`holds ${state.inProgress}`, x, y, textSize + 1, inks[activity].text, 600);
}

/** A worker's database connections at its right edge, those in use in another colour. */
function paintConnections(pen: Pen, box: Box, { connections, connectionsInUse }: WorkerState): void {
  if (box.height < 40) return;
  const pitch = Math.min(6, (box.height - 16) / connections);
  const height = Math.max(0.75, pitch - 1.5);
  const top = findMiddle(box) - (pitch * connections) / 2;
  const bars = { database: new Path2D(), rule: new Path2D() };
  for (let index = 0; index < connections; index++) {
    const path = index < connectionsInUse ? bars.database : bars.rule;
    path.rect(box.left + box.width - 3, top + index * pitch, 6, height);
  }
  for (const [fill, path] of Object.entries(bars)) pen.draw(path, { fill });
}

/** Writes how many requests wait beyond the room for their dots. */
export function paintPile(pen: Pen, { balancer }: Lane, requests: number, textSize: number): void {
  const text = `+${shownCount(requests)}`;
  const size = textSize + 3;
  const [width, height] = [pen.measure(text, size, 700) + size, size * 1.7];
  const [left, top] = [balancer.left - size / 2, findMiddle(balancer) - height / 2];
  pen.box({ left, top, width, height }, height / 2, { fill: 'late', stroke: 'paper', width: 2 });
  pen.write(text, left + width / 2, top + height / 2 + size * 0.36, size, 'paper', 700);
}

/** Writes how many requests are where, in place of dots. */
export function paintCounts(pen: Pen, { balancer, workers, blocking }: Lane, census: Census, textSize: number): void {
  const size = Math.min(40, balancer.height * 0.34, balancer.width * 0.24);
  const [x, y] = [balancer.left + balancer.width / 2, findMiddle(balancer) + size * 0.2];
  pen.write(shownCount(census.waiting), x, y, size, census.waiting > 0 ? 'ink' : 'soft', 600);
  pen.write('waiting', x, y + 1.5 * textSize, textSize + 1, 'soft');
  workers.forEach((place, index) => {
    const held = census.workers[index]?.inProgress ?? 0;
    if (held === 0) return;
    const digits = Math.max(9, Math.min(place.radius * (blocking ? 1 : 0.6), 26));
    // The arrow of a loop makes way.
    if (!blocking) pen.circle(place.x, place.y, digits * 0.8, { fill: 'panel' });
    pen.write(String(held), place.x, place.y + digits * 0.36, digits, 'ink', 600);
  });
}

function findMiddle({ top, height }: Box): number {
  return top + height / 2;
}
