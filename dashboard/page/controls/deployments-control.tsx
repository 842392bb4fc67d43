import { Swatch } from '../../../lab/view/swatch.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import type { DeploymentId } from '../../protocol.ts';
import { locked, stage } from '../live.ts';
import { choose, settings } from '../settings.ts';
import { shortly } from '../shortly.ts';
import { Group } from './group.tsx';

/** Which deployments are on the stage. */
export function DeploymentsControl() {
  const shown = settings.value?.deployments ?? [];
  const deployments = stage.value.map(({ deployment }) => deployment);
  const toggle = (id: DeploymentId): void => {
    choose({
      deployments: shown.includes(id) ? shown.filter(other => other !== id) : [...shown, id],
    });
  };
  return (
    <Group name="On the stage" word="topology">
      <div class="chips">
        {stage.value.map(({ id, label, deployment }) => {
          const on = shown.includes(id);
          return (
            <button
              key={id}
              type="button"
              class="chip"
              aria-pressed={on}
              // A stage with nothing on it shows nothing.
              disabled={locked.value || (on && shown.length === 1)}
              title={deployment.spec.shows}
              onClick={() => toggle(id)}
            >
              <Swatch style={styleDeployment(deployment, deployments)} />
              <span class="chip-name">{label}</span>
              <span class="chip-what">
                {shortly(
                  deployment,
                  deployments.map(({ spec }) => spec),
                )}
              </span>
            </button>
          );
        })}
      </div>
    </Group>
  );
}
