import type { Seconds } from '../../model/quantities.ts';
import { demandAt, growthAt, type ServiceModel, type WorkerDemand } from '../simulation/service-model.ts';
import { statementsIn, type TrialObservation } from './trial-observation.ts';

/** CPU of a worker per request at the load that was observed. */
export function workerDemandAt(
  { request, statement, growth }: WorkerDemand,
  observation: Pick<TrialObservation, 'throughput' | 'workers' | 'waits' | 'reads' | 'cpuWork'>,
  { cpuWork = 1, readStatement }: Pick<ServiceModel, 'cpuWork' | 'readStatement'>,
): Seconds {
  const { throughput, workers } = observation;
  const load = throughput / workers;
  const statements = statementsIn(observation, readStatement);
  const own = demandAt(request, load) + statements * demandAt(statement, load * statements);
  return cpuWork * observation.cpuWork + growthAt(growth, workers) * own;
}
