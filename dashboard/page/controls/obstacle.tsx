import { obstacle } from '../live.ts';

/** Names the obstacle that controls are described by. */
export const OBSTACLE = 'obstacle';

/** Why the controls do not work. */
export function Obstacle({ id }: { readonly id?: string }) {
  if (obstacle.value === undefined) return null;
  return (
    <div class="obstacle" {...(id !== undefined && { id })}>
      <span>{obstacle.value}</span>
    </div>
  );
}
