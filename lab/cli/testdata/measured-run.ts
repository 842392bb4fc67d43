import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentOf } from '../../../model/deployment.ts';
import type { Cell } from '../../../model/experiment.ts';
import { cpu, wait } from '../../plan/testdata/fitted.ts';
import { simulatedTrials } from '../../plan/testdata/simulated-trials.ts';
import { TrialsFile } from '../../run/trials-file.ts';
import { experimentWith } from '../../search/testdata/cells.ts';
import { measuredService } from '../../simulation/service-model.ts';

const sync = deploymentOf('sync', 2, { processes: 4 });
const hybrid = deploymentOf('hybrid', 2);
const hidden = { ...hybrid, hidden: true } as const;
const at = (...rates: number[]) => rates.map(arrivalRate => ({ model: 'open', arrivalRate }) as const);

const runs = {
  measured: [
    [sync, wait, at(50, 150)],
    [hybrid, wait, at(100, 700)],
    [hybrid, cpu, at(100)],
  ],
  waits: [[hybrid, wait, at(300)]],
  limited: [
    [hybrid, wait, at(100, 700)],
    [{ ...hybrid, containers: { nginx: { cpus: 0.2 } } }, wait, at(100)],
  ],
  mixed: [
    [hybrid, wait, at(100, 700)],
    [hidden, wait, at(100)],
  ],
  hidden: [[hidden, wait, at(100, 700)]],
  empty: [],
} satisfies Record<string, Parameters<typeof simulatedTrials>[2]>;

/** Writes a run of a simulated service on two CPUs into `runs/` of a checkout, as if it had been measured. */
export function writeMeasuredRun(root: string, name: keyof typeof runs): void {
  const folder = join(root, 'runs', name);
  mkdirSync(folder, { recursive: true });
  const asked: Parameters<typeof simulatedTrials>[2] = runs[name];
  const cells = asked.map(([deployment, workload]): Cell => ({ deployment, workload }));
  const experiment = { ...experimentWith(cells), name };
  using file = TrialsFile.create(join(folder, 'trials.jsonl'), { experiment, runtime: 'local', environment: {} });
  for (const [index, result] of simulatedTrials(measuredService, 2, asked).entries()) {
    file.append({ ...result, trial: { ...result.trial, id: `b1-p${index}`, position: index } });
  }
}
