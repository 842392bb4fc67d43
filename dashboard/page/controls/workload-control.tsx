import { useId } from 'preact/hooks';
import { type RouteName, routes } from '../../../model/contract/contract.ts';
import { usualParameters } from '../../work.ts';
import { locked } from '../live.ts';
import { choose, settings } from '../settings.ts';
import type { ExplainedWord } from '../words.ts';
import { Group } from './group.tsx';
import { NumberField } from './number-field.tsx';

/** What each request asks for. */
export function WorkloadControl() {
  const id = useId();
  const workload = settings.value?.workload;
  if (workload === undefined) return null;
  const { route, parameters } = workload;
  return (
    <Group name="Workload" word="workload">
      <label class="visually-hidden" for={id}>
        What each request asks for
      </label>
      <select
        id={id}
        value={route}
        disabled={locked.value}
        onChange={({ currentTarget }) => {
          const chosen = routeNames.find(name => name === currentTarget.value) ?? route;
          choose({ workload: { route: chosen, parameters: usualParameters[chosen] } });
        }}
      >
        {routeNames.map(name => (
          <option key={name} value={name}>{`${name}: ${asks[name]}`}</option>
        ))}
      </select>
      {routes[route].parameters.length > 0 && (
        <div class="fields">
          {routes[route].parameters.map(({ name, minimum, maximum }) => (
            <NumberField
              key={`${route}-${name}`}
              label={parameterLabels[name]?.label ?? name}
              {...parameterLabels[name]}
              value={parameters[name] ?? usualParameters[route][name] ?? minimum}
              minimum={minimum}
              maximum={maximum}
              onNumber={value => choose({ workload: { route, parameters: { ...parameters, [name]: value } } })}
            />
          ))}
        </div>
      )}
    </Group>
  );
}

const asks: Readonly<Record<RouteName, string>> = {
  wait: 'wait in the database',
  cpu: 'compute',
  work: 'compute, read and wait',
  item: 'read one row',
  items: 'read some rows',
  orders: 'write an order',
  plain: 'nothing to do',
};
const routeNames = Object.keys(asks) as readonly RouteName[];

const parameterLabels: Readonly<Record<string, { label: string; unit?: string; word?: ExplainedWord }>> = {
  ms: { label: 'Wait', unit: 'ms', word: 'wait' },
  units: { label: 'Computing', unit: 'units', word: 'unit of computing' },
  reads: { label: 'Reads', word: 'reads' },
  id: { label: 'Item', word: 'item' },
  limit: { label: 'Rows', word: 'rows' },
};
