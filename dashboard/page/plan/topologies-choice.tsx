import { Swatch } from '../../../lab/view/swatch.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { What } from '../what.tsx';
import { ask, inputs, topologies } from './answers.ts';

/** Which topologies are thought of. */
export function TopologiesChoice() {
  const all = topologies.value;
  const chosen = inputs.value?.topologies ?? all.map(({ name }) => name);
  return (
    <fieldset class="plan-group" aria-label="Topologies that are thought of">
      <span class="field-name">
        Topologies
        <What word="topology" />
      </span>
      <div class="plan-topologies">
        {all.map(spec => {
          const { name, shows } = spec;
          const isChosen = chosen.includes(name);
          return (
            <label key={name} class="plan-check" title={shows}>
              <input
                type="checkbox"
                checked={isChosen}
                // Of none there is no plan.
                disabled={isChosen && chosen.length === 1}
                onChange={() =>
                  ask({ topologies: isChosen ? chosen.filter(other => other !== name) : [...chosen, name] })
                }
              />
              <Swatch style={styleDeployment({ spec })} /> {name}
            </label>
          );
        })}
      </div>
    </fieldset>
  );
}
