import type { WorkerState } from '../../protocol.ts';
import { hubRadius, type WorkerPlace } from './process-places.ts';
import type { Theme } from './theme.ts';
import { activityOf } from './worker-activity.ts';

/** A seat for one request; the arc around it is the share of time in which it computes. */
export function paintSeat(
  context: CanvasRenderingContext2D,
  { x, y, radius }: WorkerPlace,
  state: WorkerState,
  { colours }: Theme,
): void {
  const activity = activityOf(state);
  const isSmall = radius < 9;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle =
    activity === 'waiting'
      ? colours['database-tint']
      : activity === 'computing'
        ? colours['computing-tint']
        : colours.paper;
  context.fill();
  context.strokeStyle = activity === 'waiting' ? colours.database : colours.rule;
  context.lineWidth = isSmall ? 1 : 1.5;
  context.stroke();
  paintGauge(context, x, y, radius, state.computing, isSmall ? 2 : 3, colours.computing);
}

/** A ring for many requests; the arc around it is the share of time in which it computes. */
export function paintLoop(
  context: CanvasRenderingContext2D,
  { x, y, radius }: WorkerPlace,
  { computing }: WorkerState,
  dotRadius: number,
  { colours }: Theme,
): void {
  const gauge = radius + dotRadius + 2.5;
  context.lineWidth = 2.5;
  context.strokeStyle = colours.hair;
  context.beginPath();
  context.arc(x, y, gauge, 0, 2 * Math.PI);
  context.stroke();
  context.lineWidth = 1.25;
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
  paintGauge(context, x, y, gauge, computing, 2.5, colours.computing);
  const hub = hubRadius(radius, dotRadius);
  if (hub < 5) return;
  context.beginPath();
  context.arc(x, y, hub, -0.35 * Math.PI, 1.3 * Math.PI);
  context.strokeStyle = colours.rule;
  context.lineWidth = 1.5;
  context.stroke();
  // The head of the arrow that makes the hub a loop.
  const angle = -0.35 * Math.PI;
  const tipX = x + hub * Math.cos(angle);
  const tipY = y + hub * Math.sin(angle);
  context.beginPath();
  context.moveTo(tipX - 4, tipY - 3.5);
  context.lineTo(tipX + 2.5, tipY - 2.5);
  context.lineTo(tipX + 0.5, tipY + 4);
  context.fillStyle = colours.rule;
  context.fill();
}

function paintGauge(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  radius: number,
  fraction: number,
  width: number,
  colour: string,
): void {
  if (fraction < 0.02) return;
  context.beginPath();
  context.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * Math.min(1, fraction));
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}
