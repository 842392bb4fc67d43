import { shownCount } from '../../../model/quantities.ts';
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
  /** A tick in words; absent: as a whole number. */
  readonly shownTick?: (tick: number) => string;
  readonly disabled?: boolean;
  /** The highest value that may be chosen; absent: that of the scale. */
  readonly highest?: number;
  readonly onValue: (value: number) => void;
}

/** A slider on a logarithmic scale; each step of an arrow key is another value of its scale. */
export function LogSlider({ label, scale, value, shown, ticks, onValue, ...rest }: LogSliderProps) {
  const { shownTick = shownCount, disabled = locked.value, highest = Number.POSITIVE_INFINITY } = rest;
  const last = scale.values.length - 1;
  return (
    <div class="slider">
      <input
        type="range"
        min={0}
        max={last}
        step={1}
        value={scale.placeOf(value)}
        disabled={disabled}
        aria-label={label}
        aria-valuetext={shown}
        onInput={({ currentTarget }) => {
          const chosen = Math.min(scale.valueAt(currentTarget.valueAsNumber), highest);
          // The thumb stays at what may be chosen, however far it is dragged.
          currentTarget.valueAsNumber = scale.placeOf(chosen);
          onValue(chosen);
        }}
      />
      <div class="ticks" aria-hidden="true">
        {ticks.map(tick => (
          <span key={tick} class="tick" style={{ '--place': scale.placeOf(tick) / last }}>
            {shownTick(tick)}
          </span>
        ))}
      </div>
    </div>
  );
}
