import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlannedDeployment, StackPlan } from '../../model/stack-plan.ts';

/** Writes the plan of these deployments into a folder, as a stack has it; gives its path. */
export function writePlan(folder: string, ...deployments: PlannedDeployment[]): string {
  const path = join(folder, 'stack.json');
  writeFileSync(path, JSON.stringify({ schema: 1, deployments } satisfies StackPlan));
  return path;
}
