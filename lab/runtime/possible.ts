import { LoadlineError } from '../../errors/loadline-error.ts';
import { type Deployment, deploymentName, refusalOf } from '../../services/deployment.ts';

/** Refuses deployments that cannot be, or that are there twice. */
export function requirePossible(deployments: readonly Deployment[]): void {
  const names = deployments.map(deploymentName);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  const refusal = deployments.map(refusalOf).find(Boolean) ?? (twice && `${twice} is there twice`);
  if (refusal) throw new LoadlineError('deployment-impossible', `${refusal}; choose other numbers`);
}
