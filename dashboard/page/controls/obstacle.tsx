import { takeTheWheel } from '../changes.ts';
import { drivenByOther, obstacle } from '../live.ts';
import { What } from '../what.tsx';

/** Names the obstacle that controls are described by. */
export const OBSTACLE = 'obstacle';

/** Why the controls do not work, and what can be done. */
export function Obstacle({ id }: { readonly id?: string }) {
  if (obstacle.value === undefined) return null;
  return (
    <div class="obstacle" {...(id !== undefined && { id })}>
      <span>{obstacle.value}</span>
      {drivenByOther.value && <What word="driver" />}
      {drivenByOther.value && (
        <button type="button" onClick={takeTheWheel}>
          Take the wheel
        </button>
      )}
    </div>
  );
}
