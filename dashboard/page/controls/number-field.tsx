import { useId, useState } from 'preact/hooks';
import { within } from '../../work.ts';
import { locked } from '../live.ts';
import { What } from '../what.tsx';
import type { ExplainedWord } from '../words.ts';

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly step?: number;
  /** The label is for who does not see what stands around the number. */
  readonly labelHidden?: boolean;
  /** Stands behind the number. */
  readonly unit?: string;
  readonly word?: ExplainedWord;
  readonly disabled?: boolean;
  /** Called with a number within the limits, once it is entered. */
  readonly onNumber: (value: number) => void;
}

/** A number with its name, its limits and its unit. */
export function NumberField({ label, value, minimum, maximum, step = 1, unit, word, ...rest }: NumberFieldProps) {
  const { onNumber, labelHidden = false, disabled = locked.value } = rest;
  const id = useId();
  // What is typed stays when the page is drawn again before it is entered.
  const [draft, setDraft] = useState<string>();
  const enter = ({ currentTarget }: { currentTarget: HTMLInputElement }): void => {
    const entered = currentTarget.valueAsNumber;
    const allowed = Number.isNaN(entered) ? value : within(minimum, Math.round(entered / step) * step, maximum);
    setDraft(undefined);
    // What was typed may be what is shown already, in other words.
    currentTarget.value = String(allowed);
    if (allowed !== value) onNumber(allowed);
  };
  return (
    <div class="field">
      <span class={labelHidden ? 'visually-hidden' : 'field-name'}>
        <label for={id}>{label}</label>
        {word !== undefined && <What word={word} />}
      </span>
      <span class="field-value">
        <input
          id={id}
          type="number"
          inputMode="decimal"
          min={minimum}
          max={maximum}
          step={step}
          value={draft ?? value}
          disabled={disabled}
          onInput={({ currentTarget }) => setDraft(currentTarget.value)}
          onChange={enter}
        />
        {unit !== undefined && <span class="unit">{unit}</span>}
      </span>
    </div>
  );
}
