import { LogSlider } from '../controls/log-slider.tsx';
import { NumberField } from '../controls/number-field.tsx';
import { shownCount, shownNumber } from '../figures.ts';
import { type LogScale, logScale, logScaleOfTenths } from '../log-scale.ts';
import type { ExplainedWord } from '../words.ts';
import { ask, fitted, inputs } from './answers.ts';
import { type NumberName, numberLimits } from './inputs.ts';

/** A number that is asked: a field, and a slider that is answered while it moves. */
export function InputSlider({ name }: { readonly name: NumberName }) {
  const value = inputs.value?.[name];
  if (value === undefined) return null;
  const { label, word, unit, ticks, spoken } = looks[name];
  const shownLabel = name === 'objectiveMs' ? `${quantile()} at most` : label;
  const set = (entered: number): void => ask({ [name]: entered });
  return (
    <div class="plan-input">
      <NumberField
        label={shownLabel}
        word={word}
        value={value}
        {...numberLimits[name]}
        {...(unit !== undefined && { unit })}
        disabled={false}
        onNumber={set}
      />
      <LogSlider
        label={shownLabel}
        scale={scales[name]}
        value={value}
        shown={`${shownNumber(value)}${spoken}`}
        ticks={ticks}
        shownTick={tick => (tick >= 1000 ? shownThousands(tick) : shownNumber(tick))}
        disabled={false}
        onValue={set}
      />
    </div>
  );
}

function quantile(): string {
  return `p${Number(((fitted.value?.objective.quantile ?? 0) * 100).toPrecision(6))}`;
}

function shownThousands(tick: number): string {
  return `${shownCount(tick / 1000)}k`;
}

interface Look {
  readonly label: string;
  readonly word: ExplainedWord;
  readonly unit?: string;
  readonly ticks: readonly number[];
  /** Stands behind the number where it is read out. */
  readonly spoken: string;
}

const looks: Readonly<Record<NumberName, Look>> = {
  arrivalRate: {
    label: 'Arrival rate',
    word: 'planned load',
    unit: '/s',
    ticks: [1, 100, 1000, 10_000, 100_000],
    spoken: ' a second',
  },
  objectiveMs: {
    label: 'Objective',
    word: 'planned objective',
    unit: 'ms',
    ticks: [5, 20, 100, 500, 2000, 10_000],
    spoken: ' milliseconds',
  },
  growth: { label: 'Growth', word: 'growth', unit: 'times', ticks: [0.5, 1, 2, 5, 10], spoken: ' times' },
  headroomPercent: { label: 'Headroom', word: 'headroom', unit: '%', ticks: [0, 20, 40, 60, 80], spoken: ' percent' },
  cpus: { label: 'CPUs of a machine', word: 'planned CPUs', ticks: [1, 4, 8, 16, 32, 64], spoken: ' CPUs' },
  databaseConnections: {
    label: 'Database connections',
    word: 'connections there are',
    ticks: [1, 20, 100, 1000, 10_000],
    spoken: ' connections',
  },
  memoryMB: {
    label: 'Memory of a machine',
    word: 'memory there is',
    unit: 'MB',
    ticks: [100, 1000, 10_000, 100_000],
    spoken: ' megabytes',
  },
  databaseWait: {
    label: 'Database wait',
    word: 'database wait',
    unit: 'times',
    ticks: [0.1, 1, 2, 5, 10],
    spoken: ' times as long',
  },
};

const scales: Readonly<Record<NumberName, LogScale>> = {
  arrivalRate: scaleOf('arrivalRate'),
  objectiveMs: scaleOf('objectiveMs'),
  growth: scaleOf('growth'),
  headroomPercent: everyWhole(numberLimits.headroomPercent),
  cpus: scaleOf('cpus'),
  databaseConnections: scaleOf('databaseConnections'),
  memoryMB: scaleOf('memoryMB'),
  databaseWait: scaleOf('databaseWait'),
};

function scaleOf(name: NumberName): LogScale {
  const { minimum, maximum, step } = numberLimits[name];
  return step < 1 ? logScaleOfTenths(minimum, maximum) : logScale(minimum, maximum);
}

/** What begins at 0 has no logarithm. */
function everyWhole({ minimum, maximum }: { readonly minimum: number; readonly maximum: number }): LogScale {
  return {
    values: Array.from({ length: maximum - minimum + 1 }, (_, place) => minimum + place),
    placeOf: value => Math.round(value) - minimum,
    valueAt: place => minimum + Math.min(Math.max(Math.round(place), 0), maximum - minimum),
  };
}
