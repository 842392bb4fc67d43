import type { Bytes } from '../../model/quantities.ts';
import type { MemoryModel } from '../simulation/service-model.ts';
import type { PlannedMachine } from './planned-machine.ts';
import type { StablePrediction } from './prediction.ts';

/** What a deployment needs on so many machines, by what is predicted of one of them. */
export interface MemoryNeeded {
  /** Of what is run, on all machines; the generator is not part of it. */
  readonly inAll: Bytes;
  /** Of everything on the fullest machine of the service. */
  readonly onOne: Bytes;
}

/** Several machines have one Postgres, with the connections of all of them, on a machine of its own. */
export function memoryNeeded(
  { nginx, workers, postgres, k6 }: StablePrediction['memory'],
  databaseConnections: number,
  machines: number,
  machine: Pick<PlannedMachine, 'generator'>,
  { databaseConnection }: MemoryModel,
): MemoryNeeded {
  const each = nginx + workers;
  const database = postgres + (machines - 1) * databaseConnections * databaseConnection;
  return {
    inAll: machines * each + database,
    onOne: each + (machines === 1 ? database : 0) + (machine.generator === 'here' ? k6 : 0),
  };
}
