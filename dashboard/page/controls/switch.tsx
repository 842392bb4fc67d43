import { useId } from 'preact/hooks';
import { locked } from '../live.ts';

interface SwitchProps<Option extends string> {
  readonly name: string;
  readonly chosen: Option;
  readonly disabled?: boolean;
  readonly options: readonly (readonly [option: Option, label: string])[];
  readonly onChoose: (option: Option) => void;
}

/** One of a few. */
export function Switch<Option extends string>({ name, chosen, options, onChoose, ...rest }: SwitchProps<Option>) {
  const { disabled = locked.value } = rest;
  const id = useId();
  return (
    <div class="switch" role="radiogroup" aria-label={name}>
      {options.map(([option, label]) => (
        <label key={option}>
          <input
            type="radio"
            name={id}
            checked={option === chosen}
            disabled={disabled}
            onChange={() => onChoose(option)}
          />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}
