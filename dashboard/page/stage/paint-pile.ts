import { shownCount } from '../../../model/quantities.ts';
import type { Lane } from './layout.ts';
import type { Theme } from './theme.ts';

/** Writes how many requests wait beyond the room for their dots, where they would wait. */
export function paintPile(
  context: CanvasRenderingContext2D,
  { balancer }: Lane,
  requests: number,
  textSize: number,
  { colours, font }: Theme,
): void {
  const text = `+${shownCount(requests)}`;
  const size = textSize + 3;
  context.font = `700 ${size}px ${font}`;
  context.textAlign = 'left';
  const width = context.measureText(text).width + size;
  const height = size * 1.7;
  const left = balancer.left - size / 2;
  const top = balancer.top + (balancer.height - height) / 2;
  context.beginPath();
  context.roundRect(left, top, width, height, height / 2);
  context.fillStyle = colours.late;
  context.fill();
  context.strokeStyle = colours.paper;
  context.lineWidth = 2;
  context.stroke();
  context.fillStyle = colours.paper;
  context.fillText(text, left + size / 2, top + height / 2 + size * 0.36);
}
