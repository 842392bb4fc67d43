import { type CpuDemand, mapWorkers, type ServiceModel, type WorkerDemand } from '../simulation/service-model.ts';
import { demandFrom, ELSEWHERE, partsOf } from './demand-belief.ts';
import { CPU_WORK, READS } from './fit-workers.ts';

/** Another service that may be believed in as well as this one, drawn at random as far as it is doubted. */
export function drawnBelief(believed: ServiceModel, normal: () => number): ServiceModel {
  const drawn = (demand: CpuDemand) => demandFrom(partsOf(demand).map(part => part * Math.exp(ELSEWHERE * normal())));
  const worker = (of: WorkerDemand): WorkerDemand => ({
    ...of,
    request: drawn(of.request),
    statement: drawn(of.statement),
  });
  const { cpuWork = 1, readStatement = 1 } = believed;
  return {
    ...believed,
    nginx: drawn(believed.nginx),
    k6: drawn(believed.k6),
    postgres: drawn(believed.postgres),
    workers: mapWorkers(believed, worker),
    cpuWork: cpuWork * Math.exp(CPU_WORK * normal()),
    readStatement: readStatement * Math.exp(READS * normal()),
  };
}
