import { type TopologyName, topologyOf } from '../../../model/topology.ts';
import { locked, stage } from '../live.ts';
import { choose, settings } from '../settings.ts';
import { shortly } from '../shortly.ts';
import { Swatch } from '../topology-look.tsx';
import { Group } from './group.tsx';

/** Which topologies are on the stage. */
export function TopologiesControl() {
  const shown = settings.value?.topologies ?? [];
  const toggle = (topology: TopologyName): void => {
    choose({
      topologies: shown.includes(topology) ? shown.filter(name => name !== topology) : [...shown, topology],
    });
  };
  return (
    <Group name="On the stage" word="topology">
      <div class="chips">
        {stage.value.map(({ deployment }) => {
          const { topology } = deployment;
          const on = shown.includes(topology);
          return (
            <button
              key={topology}
              type="button"
              class="chip"
              aria-pressed={on}
              // A stage with nothing on it shows nothing.
              disabled={locked.value || (on && shown.length === 1)}
              title={topologyOf(topology).shows}
              onClick={() => toggle(topology)}
            >
              <Swatch topology={topology} />
              <span class="chip-name">{topology}</span>
              <span class="chip-what">{shortly(deployment)}</span>
            </button>
          );
        })}
      </div>
    </Group>
  );
}
