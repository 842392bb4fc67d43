import { Choice } from './choice.tsx';
import { choose, chosenRun, comingRun, runs } from './runs-to-plan-with.ts';

/** Which run is planned with. */
export function RunChoice() {
  const known = runs.value?.map(({ name }) => name) ?? [];
  const shown = comingRun.value ?? chosenRun.value ?? '';
  // One that the address names need not be among those that are listed.
  const names = known.includes(shown) ? known : [shown, ...known];
  return <Choice label="Run" chosen={shown} options={names} onChoose={name => void choose(name)} />;
}
