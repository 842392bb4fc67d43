import type { Lane, StageLayout } from './layout.ts';
import type { Box } from './process-places.ts';
import type { Theme } from './theme.ts';

/** Draws all that stands still: clients, load balancers, the ways between them, the database. */
export function paintScenery(
  context: CanvasRenderingContext2D,
  { lanes, database, width }: StageLayout,
  theme: Theme,
  databaseIsAway: boolean,
): void {
  paintDatabase(context, database, theme, databaseIsAway);
  for (const lane of lanes) {
    paintBalancer(context, lane.balancer, theme);
    paintWays(context, lane, database, theme);
    paintClients(context, lane.clients, theme, width);
  }
}

/** The way out at the middle, the way back below, from the load balancer to each row of processes and on to the database. */
function paintWays(
  context: CanvasRenderingContext2D,
  { clients, balancer, back, processes }: Lane,
  database: Box,
  { colours }: Theme,
): void {
  const right = clients.left + clients.width;
  const middle = balancer.top + balancer.height / 2;
  context.strokeStyle = colours.hair;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(right + 4, middle);
  context.lineTo(balancer.left + balancer.width - 5, middle);
  const gate = balancer.left + balancer.width;
  for (const { box, isFirst, isLast } of processes) {
    const y = box.top + box.height / 2;
    if (isLast) {
      context.moveTo(box.left + box.width, y);
      context.lineTo(database.left, y);
    }
    if (isFirst) {
      context.moveTo(gate, middle);
      context.quadraticCurveTo(back.x, y, box.left, y);
    }
  }
  context.stroke();
  context.setLineDash([2, 5]);
  context.beginPath();
  context.moveTo(back.x, back.y);
  context.lineTo(right + 8, back.y);
  context.stroke();
  context.setLineDash([]);
  context.fillStyle = colours.hair;
  context.beginPath();
  context.moveTo(right + 2, back.y);
  context.lineTo(right + 9, back.y - 4);
  context.lineTo(right + 9, back.y + 4);
  context.fill();
}

/** Three windows of browsers. */
function paintClients(context: CanvasRenderingContext2D, box: Box, { colours }: Theme, stageWidth: number): void {
  const width = box.width - (stageWidth < 560 ? 2 : 8);
  const height = Math.min(width * 0.72, box.height / 4);
  const gap = Math.min(height * 0.45, (box.height - 3 * height) / 2);
  const top = box.top + (box.height - 3 * height - 2 * gap) / 2;
  for (let window = 0; window < 3; window++) {
    const y = top + window * (height + gap);
    context.beginPath();
    context.roundRect(box.left + 1, y, width, height, 3);
    context.fillStyle = colours.panel;
    context.fill();
    context.strokeStyle = colours.rule;
    context.lineWidth = 1.25;
    context.stroke();
    context.beginPath();
    context.moveTo(box.left + 1, y + height * 0.28);
    context.lineTo(box.left + 1 + width, y + height * 0.28);
    context.stroke();
  }
}

/** A gate, and before it the room in which requests wait, between two rails. */
function paintBalancer(context: CanvasRenderingContext2D, box: Box, { colours }: Theme): void {
  const { left, top, width, height } = box;
  context.fillStyle = colours.floor;
  context.fillRect(left, top, width, height);
  context.strokeStyle = colours.rule;
  context.lineWidth = 1;
  context.beginPath();
  for (const y of [top + 0.5, top + height - 0.5]) {
    context.moveTo(left, y);
    context.lineTo(left + width, y);
  }
  context.stroke();
  context.beginPath();
  context.roundRect(left + width - 5, top - 3, 6, height + 6, 3);
  context.fillStyle = colours.ink;
  context.fill();
}

/** A drum from the first deployment to the last. */
function paintDatabase(
  context: CanvasRenderingContext2D,
  { left, top, width, height }: Box,
  { colours }: Theme,
  isAway: boolean,
): void {
  if (height === 0) return;
  const x = left + 1;
  const radius = (width - 2) / 2;
  const lid = Math.min(radius * 0.4, 12);
  context.beginPath();
  context.moveTo(x, top + lid);
  context.lineTo(x, top + height - lid);
  context.ellipse(x + radius, top + height - lid, radius, lid, 0, Math.PI, 0, true);
  context.lineTo(x + 2 * radius, top + lid);
  context.ellipse(x + radius, top + lid, radius, lid, 0, 0, Math.PI, true);
  context.fillStyle = isAway ? colours.paper : colours['database-tint'];
  context.fill();
  context.strokeStyle = isAway ? colours.soft : colours.database;
  context.lineWidth = 1.5;
  if (isAway) context.setLineDash([4, 4]);
  context.stroke();
  context.beginPath();
  context.ellipse(x + radius, top + lid, radius, lid, 0, 0, Math.PI);
  context.stroke();
  context.setLineDash([]);
}
