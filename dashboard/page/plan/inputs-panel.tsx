import type { ComponentChildren } from 'preact';
import { quantileName } from '../../../model/quantities.ts';
import { Switch } from '../controls/switch.tsx';
import { What } from '../what.tsx';
import { ask, fitted, inputs } from './answers.ts';
import { Choice } from './choice.tsx';
import { InputSlider } from './input-slider.tsx';
import { usualLimits } from './inputs.ts';
import { RunChoice } from './run-choice.tsx';
import { TopologiesChoice } from './topologies-choice.tsx';

/** Everything that can be asked; which run, also where none could be read yet. */
export function InputsPanel() {
  const asked = inputs.value;
  const model = fitted.value;
  return (
    <section class="plan-inputs" aria-label="What is asked">
      <RunChoice />
      {asked !== undefined && model !== undefined && (
        <>
          <Choice
            label="Workload"
            chosen={asked.workload}
            options={model.workloads.map(({ name }) => name)}
            onChoose={workload => ask({ workload })}
          />
          <InputSlider name="arrivalRate" />
          <InputSlider name="growth" />
          <InputSlider name="headroomPercent" />
          <QuantileChoice chosen={asked.quantilePercent} own={model.objective.quantile} />
          <InputSlider name="objectiveMs" />
          <InputSlider name="cpus" />
          <InputSlider name="databaseWait" />
          <Limited name="databaseConnections">Limit the database connections</Limited>
          <Limited name="memoryMB">Limit the memory</Limited>
          <div class="plan-group">
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
          <TopologiesChoice />
          <label class="plan-check">
            <input
              type="checkbox"
              checked={asked.extrapolate}
              onChange={({ currentTarget }) => ask({ extrapolate: currentTarget.checked })}
            />
            <span>
              Answer beyond what was measured (<code>--extrapolate</code>)
            </span>
          </label>
        </>
      )}
    </section>
  );
}

const usualPercents = [50, 90, 95, 99, 99.9] as const;

/** The objective's quantile: one of the usual, the run's own, or what the address asks for. */
function QuantileChoice({ chosen, own }: { readonly chosen: number; readonly own: number }) {
  const percents = new Set([...usualPercents, Number((own * 100).toPrecision(6)), chosen]);
  const nameOf = (percent: number) => quantileName(percent / 100);
  return (
    <Choice
      label="Objective"
      chosen={nameOf(chosen)}
      options={[...percents].toSorted((one, other) => one - other).map(nameOf)}
      onChoose={name => ask({ quantilePercent: Number(name.slice(1)) })}
    />
  );
}

interface LimitedProps {
  readonly name: keyof typeof usualLimits;
  readonly children: ComponentChildren;
}

/** What may be without a limit. */
function Limited({ name, children }: LimitedProps) {
  const isLimited = inputs.value?.[name] !== undefined;
  return (
    <div class="plan-group">
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
