import { useSignal } from '@preact/signals';
import { useId } from 'preact/hooks';
import { Swatch } from '../../../lab/view/swatch.ts';
import { type RouteName, routes } from '../../../model/contract/contract.ts';
import { describeWorkers } from '../../../model/deployment.ts';
import { shownCount } from '../../../model/quantities.ts';
import { type LiveLoad, settingLimits } from '../../protocol.ts';
import { highestArrivalRate, largestBurst, mostUsers, usualParameters } from '../../work.ts';
import { tryChange } from '../changes.ts';
import type { ExplainedWord } from '../explanations.tsx';
import { locked, machine, stage, styleAt } from '../live.ts';
import { choose, settings } from '../settings.ts';
import { LOWEST_ARRIVAL_RATE, usualClosedLoad, usualOpenLoad } from '../view-state.ts';
import { describeTask } from '../wording.ts';
import { Check, Group, NumberField, NumberSlider, Switch } from './fields.tsx';

/** The controls of load, deployments, bursts and workload. */
export function Controls() {
  return (
    <fieldset class="controls" aria-label="Controls" disabled={locked.value}>
      <LoadControl />
      <DeploymentsControl />
      <div class="stack">
        <BurstControl />
        <WorkloadControl />
      </div>
    </fieldset>
  );
}

/** The load of each deployment: an arrival rate, or users. */
function LoadControl() {
  const present = settings.value;
  if (present === undefined) return null;
  const { load, deployments, running } = present;
  const pause = (
    <button
      type="button"
      class={running ? 'running' : 'running primary'}
      aria-pressed={!running}
      onClick={() => choose({ running: !running })}
    >
      {running ? 'Pause' : 'Go'}
    </button>
  );
  return (
    <Group name="Load" word={`${load.model} load`} beside={pause}>
      <Switch
        name="Kind of load"
        chosen={load.model}
        options={['open', 'closed']}
        onChoose={model => model !== load.model && choose({ load: model === 'open' ? usualOpenLoad : usualClosedLoad })}
      />
      {load.model === 'open' ? (
        <OpenLoad load={load} highest={highestArrivalRate(present, machine.value)} deployments={deployments.length} />
      ) : (
        <ClosedLoad load={load} most={mostUsers(present, machine.value)} />
      )}
    </Group>
  );
}

interface OpenLoadProps {
  readonly load: Extract<LiveLoad, { model: 'open' }>;
  /** Per second. */
  readonly highest: number;
  readonly deployments: number;
}

function OpenLoad({ load: { arrivalRate }, highest, deployments }: OpenLoadProps) {
  const unit = deployments > 1 ? '/s each' : '/s';
  return (
    <>
      <NumberSlider
        label="Arrival rate"
        word="arrival rate"
        value={arrivalRate}
        minimum={LOWEST_ARRIVAL_RATE}
        maximum={settingLimits.arrivalRate}
        highest={highest}
        unit={unit}
        onNumber={value => choose({ load: { model: 'open', arrivalRate: value } })}
      />
      <p class="hint">
        Requests arrive at random moments.
        {highest < settingLimits.arrivalRate && ` Up to ${shownCount(highest)}${unit}.`}
      </p>
    </>
  );
}

interface ClosedLoadProps {
  readonly load: Extract<LiveLoad, { model: 'closed' }>;
  readonly most: number;
}

function ClosedLoad({ load, most }: ClosedLoadProps) {
  return (
    <>
      <NumberSlider
        label="Users"
        word="users"
        value={load.users}
        minimum={1}
        maximum={settingLimits.users}
        highest={most}
        onNumber={users => choose({ load: { ...load, users } })}
      />
      <NumberField
        label="Think time"
        word="think time"
        value={load.thinkTime}
        minimum={0}
        maximum={settingLimits.thinkTime}
        step={0.1}
        unit="s"
        onNumber={thinkTime => choose({ load: { ...load, thinkTime } })}
      />
      <p class="hint">Each user waits for the answer, thinks, and sends the next request.</p>
    </>
  );
}

function DeploymentsControl() {
  const shown = settings.value?.deployments ?? [];
  const topologies = stage.value.map(({ deployment }) => deployment.spec);
  return (
    <Group name="On the stage" word="topology">
      {stage.value.map(({ id, label, deployment }) => {
        const isOn = shown.includes(id);
        const style = styleAt(id);
        return (
          <Check
            key={id}
            title={deployment.spec.shows}
            checked={isOn}
            disabled={isOn && shown.length === 1}
            onCheck={() => choose({ deployments: isOn ? shown.filter(other => other !== id) : [...shown, id] })}
          >
            {style && <Swatch style={style} />}
            <span>
              {label} <span class="hint">{describeWorkers(deployment, topologies)}</span>
            </span>
          </Check>
        );
      })}
    </Group>
  );
}

function BurstControl() {
  const requests = useSignal(20);
  const present = settings.value;
  const most = present === undefined ? 1 : largestBurst(present, machine.value);
  const burst = (count: number, label: string, name: string) => (
    <button type="button" aria-label={name} onClick={() => void tryChange('POST /api/burst', { requests: count })}>
      {label}
    </button>
  );
  return (
    <Group name="Burst" word="burst">
      <div class="row">
        {burst(5, '5', 'Burst of 5')}
        {burst(100, '100', 'Burst of 100')}
        <NumberField
          label="Requests of a burst"
          labelHidden
          value={requests.value}
          minimum={1}
          maximum={most}
          onNumber={value => {
            requests.value = value;
          }}
        />
        {burst(requests.value, 'Send', `Send a burst of ${requests.value}`)}
      </div>
    </Group>
  );
}

function WorkloadControl() {
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
        onChange={({ currentTarget }) => {
          const chosen = routeNames.find(name => name === currentTarget.value) ?? route;
          choose({ workload: { route: chosen, parameters: usualParameters[chosen] } });
        }}
      >
        {routeNames.map(name => (
          <option
            key={name}
            value={name}
          >{`${name}: ${describeTask({ route: name, parameters: usualParameters[name] })}`}</option>
        ))}
      </select>
      {routes[route].parameters.length > 0 && (
        <div class="row">
          {routes[route].parameters.map(({ name, minimum, maximum }) => (
            <NumberField
              key={`${route}-${name}`}
              label={parameterTexts[name]?.label ?? name}
              {...parameterTexts[name]}
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

const routeNames = Object.keys(usualParameters) as readonly RouteName[];

const parameterTexts: Readonly<Record<string, { label: string; unit?: string; word: ExplainedWord }>> = {
  ms: { label: 'Wait', unit: 'ms', word: 'wait' },
  units: { label: 'Computing', unit: 'units', word: 'unit of computing' },
  reads: { label: 'Reads', word: 'reads' },
  id: { label: 'Item', word: 'item' },
  limit: { label: 'Rows', word: 'rows' },
};
