import { counted, shownCount } from '../../../model/quantities.ts';
import { type LiveLoad, settingLimits } from '../../protocol.ts';
import { highestArrivalRate, mostUsers } from '../../work.ts';
import { LOWEST_ARRIVAL_RATE } from '../allowed-settings.ts';
import { machine } from '../live.ts';
import { logScale } from '../log-scale.ts';
import { choose, settings } from '../settings.ts';
import { usualClosedLoad, usualOpenLoad } from '../view-state.ts';
import { Group } from './group.tsx';
import { LogSlider } from './log-slider.tsx';
import { NumberField } from './number-field.tsx';
import { RunningButton } from './running-button.tsx';
import { Switch } from './switch.tsx';

const arrivalRates = logScale(LOWEST_ARRIVAL_RATE, settingLimits.arrivalRate);
const userNumbers = logScale(1, settingLimits.users);

/** How much is asked: arrivals that come whatever happens, or users who wait for their answers. */
export function LoadControl() {
  const present = settings.value;
  if (present === undefined) return null;
  const { load, deployments } = present;
  return (
    <Group name="Load" word={load.model === 'open' ? 'open load' : 'closed load'} beside={<RunningButton />}>
      <Switch
        name="Kind of load"
        chosen={load.model}
        options={[
          ['open', 'Open'],
          ['closed', 'Closed'],
        ]}
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

type Open = Extract<LiveLoad, { model: 'open' }>;
type Closed = Extract<LiveLoad, { model: 'closed' }>;

interface OpenLoadProps {
  readonly load: Open;
  /** Arrivals per second. */
  readonly highest: number;
  readonly deployments: number;
}

function OpenLoad({ load: { arrivalRate }, highest, deployments }: OpenLoadProps) {
  const set = (value: number): void => choose({ load: { model: 'open', arrivalRate: value } });
  return (
    <>
      <NumberField
        label="Arrival rate"
        word="arrival rate"
        value={arrivalRate}
        minimum={Math.min(LOWEST_ARRIVAL_RATE, highest)}
        maximum={highest}
        unit={deployments > 1 ? '/s each' : '/s'}
        onNumber={set}
      />
      <LogSlider
        label="Arrival rate"
        scale={arrivalRates}
        value={arrivalRate}
        highest={highest}
        shown={`${shownCount(arrivalRate)} a second`}
        ticks={[5, 20, 100, 300, 1000]}
        onValue={set}
      />
      <p class="hint">
        Requests arrive at random moments, whatever happens.
        {highest < settingLimits.arrivalRate && ` Up to ${shownCount(highest)}/s${deployments > 1 ? ' each' : ''}.`}
      </p>
    </>
  );
}

function ClosedLoad({ load: { users, thinkTime }, most }: { readonly load: Closed; readonly most: number }) {
  const set = (part: Partial<Closed>): void => choose({ load: { model: 'closed', users, thinkTime, ...part } });
  return (
    <>
      <div class="fields">
        <NumberField
          label="Users"
          word="users"
          value={users}
          minimum={1}
          maximum={most}
          onNumber={value => set({ users: value })}
        />
        <NumberField
          label="Think time"
          word="think time"
          value={thinkTime}
          minimum={0}
          maximum={settingLimits.thinkTime}
          step={0.1}
          unit="s"
          onNumber={value => set({ thinkTime: value })}
        />
      </div>
      <LogSlider
        label="Users"
        scale={userNumbers}
        value={users}
        highest={most}
        shown={counted(users, 'user')}
        ticks={[1, 10, 50, 200, 500]}
        onValue={value => set({ users: value })}
      />
      <p class="hint">Each user waits for the answer, thinks, and asks again.</p>
    </>
  );
}
