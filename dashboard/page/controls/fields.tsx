import type { ComponentChildren } from 'preact';
import { useId, useMemo, useState } from 'preact/hooks';
import { shownCount, shownNumber } from '../../../model/quantities.ts';
import { within } from '../../work.ts';
import { type ExplainedWord, What } from '../explanations.tsx';
import { placeOn, sliderScale } from '../numbers.ts';

interface GroupProps {
  readonly name: string;
  readonly word: ExplainedWord;
  /** At the right of the name. */
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** Controls that belong together, under their name. */
export function Group({ name, word, beside, children }: GroupProps) {
  return (
    <div class="group">
      <div class="group-head">
        <h3>{name}</h3>
        <What word={word} />
        {beside}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset has its name inside of it */}
      <div class="stack" role="group" aria-label={name}>
        {children}
      </div>
    </div>
  );
}

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step?: number;
  readonly labelHidden?: boolean;
  readonly unit?: string | undefined;
  readonly word?: ExplainedWord | undefined;
  /** Gets a number within the limits, once it is entered. */
  readonly onNumber: (value: number) => void;
}

/** A number with its name, its limits and its unit. */
export function NumberField({ label, value, minimum, maximum, step = 1, unit, word, ...rest }: NumberFieldProps) {
  const id = useId();
  // Keeps what is typed when the page is drawn again before it is entered.
  const [draft, setDraft] = useState<string>();
  const enter = ({ currentTarget }: { currentTarget: HTMLInputElement }): void => {
    const entered = currentTarget.valueAsNumber;
    const allowed = Number.isNaN(entered) ? value : within(minimum, Math.round(entered / step) * step, maximum);
    setDraft(undefined);
    // Without a change of the value nothing would be drawn again.
    currentTarget.value = String(allowed);
    if (allowed !== value) rest.onNumber(allowed);
  };
  return (
    <div class="field">
      <span class={rest.labelHidden ? 'visually-hidden' : 'row'}>
        <label for={id}>{label}</label>
        {word !== undefined && <What word={word} />}
      </span>
      <span class="row">
        <input
          id={id}
          type="number"
          inputMode="decimal"
          min={minimum}
          max={maximum}
          step={step}
          value={draft ?? value}
          onInput={({ currentTarget }) => setDraft(currentTarget.value)}
          onChange={enter}
        />
        {unit !== undefined && <span class="unit">{unit}</span>}
      </span>
    </div>
  );
}

interface NumberSliderProps extends NumberFieldProps {
  /** The highest value that may be chosen; absent: the maximum, where the slider ends. */
  readonly highest?: number;
}

/** A number as a field and as a slider. */
export function NumberSlider({ highest, ...field }: NumberSliderProps) {
  const most = highest ?? field.maximum;
  return (
    <div>
      <NumberField {...field} minimum={Math.min(field.minimum, most)} maximum={most} />
      <Slider {...field} highest={most} />
    </div>
  );
}

/** A slider on a logarithmic scale, with ticks at its ends and at powers of ten. */
function Slider({
  label,
  value,
  minimum,
  maximum,
  step = 1,
  unit = '',
  highest = maximum,
  onNumber,
}: NumberSliderProps) {
  const scale = useMemo(() => sliderScale(minimum, maximum, step < 1 ? 0.1 : 1), [minimum, maximum, step]);
  const last = scale.length - 1;
  const placeOf = (tick: number): number => placeOn(scale, tick) / last;
  // Powers of ten that have room between the ends.
  const powers = [1, 10, 100, 1000, 10_000].filter(power => placeOf(power) > 0.1 && placeOf(power) < 0.85);
  return (
    <>
      <input
        class="slider"
        type="range"
        min={0}
        max={last}
        step={1}
        value={placeOn(scale, value)}
        aria-label={label}
        aria-valuetext={`${shownNumber(value)} ${unit}`.trim()}
        onInput={({ currentTarget }) => {
          const chosen = Math.min(scale[currentTarget.valueAsNumber] ?? maximum, highest);
          // The thumb stays at what may be chosen, however far it is dragged.
          currentTarget.valueAsNumber = placeOn(scale, chosen);
          onNumber(chosen);
        }}
      />
      <div class="ticks" aria-hidden="true">
        {[minimum, ...powers, maximum].map(tick => (
          <span key={tick} class="tick" style={{ '--place': placeOf(tick) }}>
            {tick < 1000 ? shownNumber(tick) : `${shownCount(tick / 1000)}k`}
          </span>
        ))}
      </div>
    </>
  );
}

interface SwitchProps<Option extends string> {
  readonly name: string;
  readonly chosen: Option;
  readonly options: readonly Option[];
  readonly onChoose: (option: Option) => void;
}

/** One of a few options, side by side. */
export function Switch<Option extends string>({ name, chosen, options, onChoose }: SwitchProps<Option>) {
  const id = useId();
  return (
    <div class="switch row" role="radiogroup" aria-label={name}>
      {options.map(option => (
        <label key={option} class="check">
          <input type="radio" name={id} checked={option === chosen} onChange={() => onChoose(option)} />
          {option}
        </label>
      ))}
    </div>
  );
}

interface CheckProps {
  readonly checked: boolean;
  readonly disabled?: boolean;
  readonly title?: string;
  readonly onCheck: (isChecked: boolean) => void;
  readonly children: ComponentChildren;
}

/** A checkbox with its label. */
export function Check({ checked, disabled = false, title, onCheck, children }: CheckProps) {
  return (
    <label class="check" title={title}>
      <input
        type="checkbox"
        checked={checked}
        disabled={disabled}
        onChange={({ currentTarget }) => onCheck(currentTarget.checked)}
      />
      {children}
    </label>
  );
}
