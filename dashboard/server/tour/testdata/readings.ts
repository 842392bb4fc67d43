import type { StepFigure, StepOutcome } from '../figure.ts';
import type { TopologyReading } from '../reading.ts';

/** A reading in which nothing happened but what is told. */
export function reading(told: Partial<TopologyReading>): TopologyReading {
  return {
    topology: 'sync',
    throughputs: [],
    responseTimes: [],
    app: 0.02,
    databaseWait: 0.02,
    utilisation: { workers: 0.5, databaseConnections: 0.5, cpu: 0.5 },
    machine: 0.5,
    hostCpus: 2,
    cpus: 1,
    memory: 100e6,
    mostInProgress: [],
    ...told,
  };
}

/** Batch means around a throughput, with a spread of so much of it. */
export function around(throughput: number, spread = 0.01): number[] {
  return [-1.2, 0.4, 1, -0.6, 0.9, -0.5].map(deviation => throughput * (1 + spread * deviation));
}

/** The values of an outcome's figures by name, with their topology behind a slash; rounded to three digits. */
export function valuesOf({ figures }: StepOutcome): Record<string, number> {
  const nameOf = ({ name, topology }: StepFigure) => (topology === undefined ? name : `${name}/${topology}`);
  return Object.fromEntries(figures.map(figure => [nameOf(figure), Number(figure.value.toPrecision(3))]));
}
