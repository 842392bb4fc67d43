import { useMemo } from 'preact/hooks';
import { quantileName, shownCount, shownNumber } from '../../../model/quantities.ts';
import { LogSlider } from '../controls/log-slider.tsx';
import { NumberField } from '../controls/number-field.tsx';
import { type LogScale, logScale, logScaleOfTenths } from '../log-scale.ts';
import type { ExplainedWord } from '../words.ts';
import { ask, fitted, inputs } from './answers.ts';
import { limitsOf, type NumberLimits, type NumberName } from './number-limits.ts';

/** The numbers that have a slider. */
type SliderName = Exclude<NumberName, 'quantilePercent'>;

/** A number that is asked: a field, and a slider that is answered while it moves. */
export function InputSlider({ name }: { readonly name: SliderName }) {
  const asked = inputs.value;
  const model = fitted.value;
  const limits = useMemo(() => model && limitsOf(model)[name], [model, name]);
  const scale = useMemo(() => limits && scaleOf(limits), [limits]);
  const value = asked?.[name];
  if (asked === undefined || value === undefined || limits === undefined || scale === undefined) return null;
  const { label, word, unit, ticks, spoken } = looks[name];
  const shownLabel = name === 'objectiveMs' ? `${quantileName(asked.quantilePercent / 100)} at most` : label;
  const set = (entered: number): void => ask({ [name]: entered });
  return (
    <div class="plan-input">
      <NumberField
        label={shownLabel}
        word={word}
        value={value}
        {...limits}
        {...(unit !== undefined && { unit })}
        disabled={false}
        onNumber={set}
      />
      <LogSlider
        label={shownLabel}
        scale={scale}
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

function shownThousands(tick: number): string {
  return `${shownCount(tick / 1000)}k`;
}

interface SliderLook {
  readonly label: string;
  readonly word: ExplainedWord;
  readonly unit?: string;
  readonly ticks: readonly number[];
  /** Stands behind the number where it is read out. */
  readonly spoken: string;
}

const looks: Readonly<Record<SliderName, SliderLook>> = {
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
    ticks: [1, 20, 100, 1000, 10_000, 60_000],
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

function scaleOf({ minimum, maximum, step }: NumberLimits): LogScale {
  // What begins at 0 has no logarithm.
  if (minimum === 0) return everyWhole(maximum);
  return step < 1 ? logScaleOfTenths(minimum, maximum) : logScale(minimum, maximum);
}

function everyWhole(maximum: number): LogScale {
  return {
    values: Array.from({ length: maximum + 1 }, (_, place) => place),
    placeOf: value => Math.round(value),
    valueAt: place => Math.min(Math.max(Math.round(place), 0), maximum),
  };
}
