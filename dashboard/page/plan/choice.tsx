import { useId } from 'preact/hooks';

interface ChoiceProps {
  readonly label: string;
  readonly chosen: string;
  readonly options: readonly string[];
  readonly onChoose: (option: string) => void;
}

/** One of several, by name; `''` is that nothing is chosen yet. */
export function Choice({ label, chosen, options, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div class="plan-choice">
      <label for={id}>{label}</label>
      <select id={id} value={chosen} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {options.map(option => (
          <option key={option} value={option} disabled={option === ''}>
            {option === '' ? 'choose one' : option}
          </option>
        ))}
      </select>
    </div>
  );
}
