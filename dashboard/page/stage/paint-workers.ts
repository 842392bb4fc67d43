import type { WorkerState } from '../../protocol.ts';
import type { Lane, StageLayout } from './layout.ts';
import { paintLoop, paintSeat } from './paint-worker.ts';
import { type Box, captionHeight, type ProcessPlace, type WorkerPlace } from './process-places.ts';
import type { Theme } from './theme.ts';
import { type Activity, activityOf } from './worker-activity.ts';

/** What is written under a worker. */
const activityWords: Readonly<Record<Activity, string>> = {
  idle: 'idle',
  computing: 'computes',
  waiting: 'waits',
  gone: 'gone',
};

/** A worker of which nothing is known yet. */
const UNKNOWN: WorkerState = { inProgress: 0, connectionsInUse: 0, connections: 1, computing: 0, alive: true };

/** Draws the workers of a deployment as they are seen: what each does, how much it computes, what it holds. */
export function paintWorkers(
  context: CanvasRenderingContext2D,
  lane: Lane,
  states: readonly WorkerState[],
  { database, dotRadius, textSize }: StageLayout,
  theme: Theme,
): void {
  for (const process of lane.processes) {
    const own = process.workers.map(worker => states[worker] ?? UNKNOWN);
    if (process.isLast) {
      const row = lane.processes.filter(({ row: other }) => other === process.row);
      const inRow = row.flatMap(({ workers }) => workers.map(worker => states[worker] ?? UNKNOWN));
      paintLink(context, process.box, inRow, database, textSize, theme);
    }
    paintProcess(context, process, own, textSize, theme);
    process.workers.forEach((index, position) => {
      const place = lane.workers[index];
      const state = own[position];
      if (place === undefined || state === undefined || !state.alive) return;
      if (place.kind === 'loop') paintLoop(context, place, state, dotRadius, theme);
      else paintSeat(context, place, state, theme);
      if (captionHeight(place.cell, process.workers.length, textSize) > 0)
        paintWords(context, place, state, textSize, theme);
    });
    if (own.length === 1) paintConnections(context, process, own[0] ?? UNKNOWN, theme);
  }
}

/** The line to the database, as strong as its row of processes has it at work, and how many connections that is. */
function paintLink(
  context: CanvasRenderingContext2D,
  box: Box,
  states: readonly WorkerState[],
  database: Box,
  textSize: number,
  { colours, font }: Theme,
): void {
  const inUse = states.reduce((sum, state) => sum + state.connectionsInUse, 0);
  if (inUse === 0) return;
  const connections = states.reduce((sum, state) => sum + state.connections, 0);
  const y = box.top + box.height / 2;
  context.beginPath();
  context.moveTo(box.left + box.width, y);
  context.lineTo(database.left, y);
  context.strokeStyle = colours.database;
  context.lineWidth = 1 + 2.5 * Math.min(1, inUse / Math.max(1, connections));
  context.stroke();
  context.font = `600 ${database.width < 40 ? textSize : textSize + 3}px ${font}`;
  context.textAlign = 'center';
  context.fillStyle = colours.database;
  context.fillText(String(inUse), database.left + database.width / 2, y + 5);
}

function paintProcess(
  context: CanvasRenderingContext2D,
  { box }: ProcessPlace,
  states: readonly WorkerState[],
  textSize: number,
  { colours, font }: Theme,
): void {
  const isGone = states.every(({ alive }) => !alive);
  const radius = Math.max(0, Math.min(9, box.height / 5));
  context.beginPath();
  context.roundRect(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1, radius);
  context.fillStyle = isGone ? colours.paper : colours.panel;
  context.fill();
  context.strokeStyle = isGone ? colours.failed : colours.rule;
  context.lineWidth = isGone ? 1.5 : 1;
  if (isGone) context.setLineDash([4, 4]);
  context.stroke();
  context.setLineDash([]);
  if (!isGone) return;
  const x = box.left + box.width / 2;
  const y = box.top + box.height / 2;
  const arm = Math.min(12, box.height / 5);
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x + arm, y - arm);
  context.lineTo(x - arm, y + arm);
  context.strokeStyle = colours.failed;
  context.lineWidth = 2.5;
  context.stroke();
  if (captionHeight(box, 1, textSize) === 0) return;
  context.fillStyle = colours.failed;
  context.font = `${textSize}px ${font}`;
  context.textAlign = 'center';
  context.fillText(activityWords.gone, x, box.top + box.height - 0.6 * textSize);
}

/** What it does, in a word; of a loop how many requests it holds, too. */
function paintWords(
  context: CanvasRenderingContext2D,
  { cell, kind, x }: WorkerPlace,
  state: WorkerState,
  textSize: number,
  { colours, font }: Theme,
): void {
  const activity = activityOf(state);
  context.font = `${kind === 'loop' ? 600 : 400} ${textSize + (kind === 'loop' ? 1 : 0)}px ${font}`;
  context.textAlign = 'center';
  context.fillStyle =
    activity === 'computing' ? colours.computing : activity === 'waiting' ? colours.database : colours.soft;
  const long = activity === 'waiting' ? 'waits for database' : activityWords[activity];
  const words = context.measureText(long).width < cell.width - 8 ? long : activityWords[activity];
  const text = kind === 'loop' ? `holds ${state.inProgress}` : words;
  context.fillText(text, x, cell.top + cell.height - 0.6 * textSize);
}

/** Its database connections at its right edge, those in use filled. */
function paintConnections(
  context: CanvasRenderingContext2D,
  { box }: ProcessPlace,
  { connections, connectionsInUse, alive }: WorkerState,
  { colours }: Theme,
): void {
  if (!alive || box.height < 40) return;
  const room = box.height - 16;
  const pitch = Math.min(6, room / connections);
  const x = box.left + box.width - 3;
  const top = box.top + box.height / 2 - (pitch * connections) / 2;
  for (const [isInUse, colour] of [
    [false, colours.rule],
    [true, colours.database],
  ] as const) {
    context.beginPath();
    for (let connection = 0; connection < connections; connection++) {
      if (connection < connectionsInUse !== isInUse) continue;
      context.rect(x, top + connection * pitch, 6, Math.max(0.75, pitch - 1.5));
    }
    context.fillStyle = colour;
    context.fill();
  }
}
