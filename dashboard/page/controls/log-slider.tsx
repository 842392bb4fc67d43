import { shownCount } from '../figures.ts';
import { locked } from '../live.ts';
import type { LogScale } from '../log-scale.ts';

interface LogSliderProps {
  readonly label: string;
  readonly scale: LogScale;
  readonly value: number;
  /** The value in words. */
  readonly shown: string;
  /** Values that stand below the slider. */
  readonly ticks: readonly number[];
  readonly onValue: (value: number) => void;
}

/** A slider on a logarithmic scale; each step of an arrow key is another whole number. */
export function LogSlider({ label, scale, value, shown, ticks, onValue }: LogSliderProps) {
  const last = scale.values.length - 1;
  return (
    <div class="slider">
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={scale.placeOf(value)}
        disabled={locked.value}
        aria-label={label}
        aria-valuetext={shown}
        onInput={({ currentTarget }) => onValue(scale.valueAt(currentTarget.valueAsNumber))}
      />
      <div class="ticks" aria-hidden="true">
        {ticks.map(tick => (
          <span key={tick} class="tick" style={{ '--place': scale.placeOf(tick) / last }}>
            {shownCount(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}
