import { useId } from 'preact/hooks';
import { locked } from '../live.ts';

interface SwitchProps<Option extends string> {
  readonly name: string;
  readonly chosen: Option;
  readonly options: readonly (readonly [option: Option, label: string])[];
  readonly onChoose: (option: Option) => void;
}

/** One of a few. */
export function Switch<Option extends string>({ name, chosen, options, onChoose }: SwitchProps<Option>) {
  const id = useId();
  return (
    <div class="switch" role="radiogroup" aria-label={name}>
      {options.map(([option, label]) => (
        <label key={option}>
          <input
            type="radio"
            name={id}
            checked={option === chosen}
            disabled={locked.value}
            onChange={() => onChoose(option)}
          />
          <span>{label}</span>
        </label>
      ))}
    </div>
  );
}
