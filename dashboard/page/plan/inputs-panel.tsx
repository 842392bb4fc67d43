import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { Switch } from '../controls/switch.tsx';
import { What } from '../what.tsx';
import { ask, fitted, inputs } from './answers.ts';
import { InputSlider } from './input-slider.tsx';
import { type NumberName, usualLimits } from './inputs.ts';
import { choose, chosenRun, runs } from './runs-to-plan-with.ts';

/** Everything that can be asked. */
export function InputsPanel() {
  const asked = inputs.value;
  const model = fitted.value;
  if (asked === undefined || model === undefined) return null;
  const known = runs.value ?? [];
  const run = chosenRun.value ?? '';
  // One that the address names need not be among those that are listed.
  const names = known.some(({ name }) => name === run)
    ? known.map(({ name }) => name)
    : [run, ...known.map(({ name }) => name)];
  return (
    <section class="plan-inputs" aria-label="What is asked">
      <Choice label="Run" chosen={run} options={names} onChoose={name => void choose(name)} />
      <Choice
        label="Workload"
        chosen={asked.workload}
        options={model.workloads.map(({ name }) => name)}
        onChoose={workload => ask({ workload })}
      />
      <InputSlider name="arrivalRate" />
      <InputSlider name="growth" />
      <InputSlider name="headroomPercent" />
      <InputSlider name="objectiveMs" />
      <InputSlider name="cpus" />
      <InputSlider name="databaseWait" />
      <Limited name="databaseConnections">Limit the database connections</Limited>
      <Limited name="memoryMB">Limit the memory</Limited>
      <div class="plan-generator">
        <span class="field-name">
          Requests come from
          <What word="where the generator is" />
        </span>
        <Switch
          name="Requests come from"
          chosen={asked.generator}
          disabled={false}
          options={[
            ['here', 'here'],
            ['elsewhere', 'elsewhere'],
          ]}
          onChoose={generator => ask({ generator })}
        />
      </div>
      <label class="plan-check">
        <input
          type="checkbox"
          checked={asked.extrapolate}
          onChange={({ currentTarget }) => ask({ extrapolate: currentTarget.checked })}
        />
        Answer beyond what was measured
      </label>
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly chosen: string;
  readonly options: readonly string[];
  readonly onChoose: (option: string) => void;
}

function Choice({ label, chosen, options, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div class="plan-choice">
      <label for={id}>{label}</label>
      <select id={id} value={chosen} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </div>
  );
}

/** What may be without a limit. */
function Limited({
  name,
  children,
}: {
  readonly name: keyof typeof usualLimits & NumberName;
  readonly children: ComponentChildren;
}) {
  const isLimited = inputs.value?.[name] !== undefined;
  return (
    <div class="plan-limited">
      <label class="plan-check">
        <input
          type="checkbox"
          checked={isLimited}
          onChange={({ currentTarget }) => ask({ [name]: currentTarget.checked ? usualLimits[name] : undefined })}
        />
        {children}
      </label>
      {isLimited && <InputSlider name={name} />}
    </div>
  );
}
