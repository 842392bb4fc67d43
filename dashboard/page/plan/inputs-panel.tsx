import type { ComponentChildren } from 'preact';
import { useId, useMemo } from 'preact/hooks';
import { Swatch } from '../../../lab/view/swatch.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { quantileName } from '../../../model/quantities.ts';
import { Check, NumberSlider, Switch } from '../controls/fields.tsx';
import { What } from '../explanations.tsx';
import { ask, fitted, inputs } from './answers.ts';
import { inputsFor, type NumberName, usualLimits } from './inputs.ts';
import { chooseRun, chosenRun, loadingRun, runs } from './planned-runs.ts';

/** The question: a run, and everything that can be asked of it. */
export function InputsPanel() {
  const asked = inputs.value;
  const model = fitted.value;
  const run = loadingRun.value ?? chosenRun.value ?? '';
  const listedRuns = runs.value ?? [];
  return (
    <section class="plan-inputs" aria-label="Question">
      <Choice
        label="Run"
        chosen={run}
        options={listedRuns.includes(run) ? listedRuns : [run, ...listedRuns]}
        onChoose={name => void chooseRun(name)}
      />
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
          <LimitedNumber name="databaseConnections">Limit the database connections</LimitedNumber>
          <LimitedNumber name="memoryMB">Limit the memory</LimitedNumber>
          <div class="stack">
            <span class="row">
              Requests come from
              <What word="source of requests" />
            </span>
            <Switch
              name="Requests come from"
              chosen={asked.generator}
              options={['here', 'elsewhere']}
              onChoose={generator => ask({ generator })}
            />
          </div>
          <TopologiesChoice />
          <Check checked={asked.extrapolate} onCheck={extrapolate => ask({ extrapolate })}>
            <span>
              Answer beyond what was measured (<code>--extrapolate</code>)
            </span>
          </Check>
        </>
      )}
    </section>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly chosen: string;
  /** `''`: nothing is chosen yet. */
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
          <option key={option} value={option} disabled={option === ''}>
            {option === '' ? 'choose one' : option}
          </option>
        ))}
      </select>
    </div>
  );
}

function QuantileChoice({ chosen, own }: { readonly chosen: number; readonly own: number }) {
  const percents = new Set([50, 90, 95, 99, 99.9, Number((own * 100).toPrecision(6)), chosen]);
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

function InputSlider({ name }: { readonly name: NumberName }) {
  const asked = inputs.value;
  const model = fitted.value;
  const input = useMemo(() => model && inputsFor(model)[name], [model, name]);
  const value = asked?.[name];
  if (asked === undefined || value === undefined || input === undefined) return null;
  const label = name === 'objectiveMs' ? `${quantileName(asked.quantilePercent / 100)} at most` : input.label;
  return <NumberSlider {...input} label={label} value={value} onNumber={entered => ask({ [name]: entered })} />;
}

interface LimitedNumberProps {
  readonly name: keyof typeof usualLimits;
  readonly children: ComponentChildren;
}

function LimitedNumber({ name, children }: LimitedNumberProps) {
  const isLimited = inputs.value?.[name] !== undefined;
  return (
    <div class="stack">
      <Check checked={isLimited} onCheck={isChecked => ask({ [name]: isChecked ? usualLimits[name] : undefined })}>
        {children}
      </Check>
      {isLimited && <InputSlider name={name} />}
    </div>
  );
}

function TopologiesChoice() {
  const topologies = fitted.value?.topologies ?? [];
  const chosen = inputs.value?.topologies ?? topologies.map(({ name }) => name);
  return (
    <fieldset class="stack" aria-label="Topologies to choose from">
      <span class="row">
        Topologies
        <What word="topology" />
      </span>
      <div class="plan-topologies">
        {topologies.map(spec => {
          const { name, shows } = spec;
          const isChosen = chosen.includes(name);
          return (
            <Check
              key={name}
              title={shows}
              checked={isChosen}
              disabled={isChosen && chosen.length === 1}
              onCheck={() => ask({ topologies: isChosen ? chosen.filter(other => other !== name) : [...chosen, name] })}
            >
              <Swatch style={styleDeployment({ spec })} /> {name}
            </Check>
          );
        })}
      </div>
    </fieldset>
  );
}
