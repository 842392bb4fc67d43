import type { DeploymentId } from '../../protocol.ts';
import type { Census } from './census.ts';
import type { StageLayout } from './layout.ts';
import type { Theme } from './theme.ts';

/** Writes how many requests are where, in place of dots. */
export function paintCounts(
  context: CanvasRenderingContext2D,
  { lanes, textSize }: StageLayout,
  census: Partial<Record<DeploymentId, Census>>,
  { colours, font }: Theme,
): void {
  context.textAlign = 'center';
  for (const { id, balancer, workers, blocking } of lanes) {
    const counts = census[id];
    if (counts === undefined) continue;
    const size = Math.min(40, balancer.height * 0.34, balancer.width * 0.24);
    const x = balancer.left + balancer.width / 2;
    const y = balancer.top + balancer.height / 2;
    context.fillStyle = counts.waiting > 0 ? colours.ink : colours.soft;
    context.font = `600 ${size}px ${font}`;
    context.fillText(String(counts.waiting), x, y + size * 0.2);
    context.fillStyle = colours.soft;
    context.font = `${textSize + 1}px ${font}`;
    context.fillText('waiting', x, y + size * 0.2 + 1.5 * textSize);
    workers.forEach(({ x: centre, y: middle, radius }, index) => {
      const held = counts.held[index] ?? 0;
      if (held === 0) return;
      const digits = Math.max(9, Math.min(radius * (blocking ? 1 : 0.6), 26));
      if (!blocking) {
        // The arrow in the middle makes way.
        context.fillStyle = colours.panel;
        context.beginPath();
        context.arc(centre, middle, digits * 0.8, 0, 2 * Math.PI);
        context.fill();
      }
      context.fillStyle = colours.ink;
      context.font = `600 ${digits}px ${font}`;
      context.fillText(String(held), centre, middle + digits * 0.36);
    });
  }
}
