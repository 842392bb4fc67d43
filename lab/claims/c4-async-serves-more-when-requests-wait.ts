import { deploymentOf } from '../../model/deployment.ts';
import type { Cell, Experiment } from '../../model/experiment.ts';
import { withInterval } from '../../model/quantities.ts';
import { atCapacity, capacitiesUnmeasured, capacityRatioOf } from './capacities.ts';
import type { Claim, Decision, Evidence, Figure } from './claim.ts';
import { allOf, decided, differenceOf, figure, ratioOf } from './evidence.ts';
import { perCpu, wait } from './parts.ts';

/** Blocking threads of a process that take about as much memory as one event loop: 84 MB against 80 (docs/memory.md). */
const THREADS_OF_EQUAL_MEMORY = 2;

/** The capacity on waits of 20 ms, of event loops and of blocking workers: as many, as concurrent, as large. */
export const c4: Claim = {
  id: 'C4',
  claim: 'With I/O-bound work under high load async serves more, because the CPU stays busy.',
  cells: machine => [asyncCell(machine), hybridCell(machine), ...readingsOf(machine).map(({ blocking }) => blocking)],
  parts: () => [],
  judge(evidence) {
    const readings = readingsOf(evidence.experiment).map(reading => judgedReading(reading, evidence));
    const figures = readings.flatMap(reading => reading.figures);
    const verdict = allOf(readings.map(reading => reading.decision));
    const measured = readings.filter(({ decision }) => decision !== 'unmeasured');
    if (measured.length === 0) return capacitiesUnmeasured(['sync', 'async-express on wait'], figures);
    return { verdict, sentence: `${readings.map(({ clause }) => clause).join('; ')}.`, figures };
  },
};

interface ClaimReading {
  readonly name: 'workers = CPUs' | 'equal concurrency' | 'equal memory';
  readonly blocking: Cell;
}

function readingsOf(machine: Pick<Experiment, 'cpus'>): ClaimReading[] {
  const { cpus } = machine;
  const threads = (processes: number, threadsPerProcess: number) => ({
    deployment: deploymentOf('sync-threads', cpus, { processes, threadsPerProcess }),
    workload: wait,
  });
  const { databaseConnections } = asyncCell(machine).deployment;
  const processes = largestDivisor(databaseConnections, cpus);
  return [
    { name: 'workers = CPUs', blocking: { deployment: perCpu('sync', machine), workload: wait } },
    { name: 'equal concurrency', blocking: threads(processes, databaseConnections / processes) },
    { name: 'equal memory', blocking: threads(cpus, THREADS_OF_EQUAL_MEMORY) },
  ];
}

/** Event loops in the framework of the blocking workers. */
function asyncCell(machine: Pick<Experiment, 'cpus'>): Cell {
  return { deployment: perCpu('async-express', machine), workload: wait };
}

function hybridCell(machine: Pick<Experiment, 'cpus'>): Cell {
  return { deployment: perCpu('hybrid', machine), workload: wait };
}

function judgedReading(
  { name, blocking }: ClaimReading,
  evidence: Evidence,
): { decision: Decision; clause: string; figures: Figure[] } {
  const loops = asyncCell(evidence.experiment);
  const ratio = capacityRatioOf(loops, blocking, evidence);
  const hybrid = capacityRatioOf(hybridCell(evidence.experiment), blocking, evidence);
  const memory = ratioOf(
    atCapacity(loops, evidence, one => one.memory.workers),
    atCapacity(blocking, evidence, one => one.memory.workers),
  );
  const busier = differenceOf(
    atCapacity(loops, evidence, one => one.utilisation.cpu),
    atCapacity(blocking, evidence, one => one.utilisation.cpu),
  );
  const figures = [
    figure(`${name}: async-express ÷ blocking, capacity on wait`, '', ratio),
    figure(`${name}: hybrid ÷ blocking, capacity on wait`, '', hybrid),
    figure(`${name}: async-express − blocking, CPU utilisation at capacity`, '', busier),
    figure(`${name}: async-express ÷ blocking, memory at capacity`, '', memory),
  ].filter(({ estimate }) => Number.isFinite(estimate));
  const serves = decided(ratio, { from: 1 });
  const decision = allOf([serves, decided(busier, { from: 0 })]);
  if (serves === 'unmeasured') return { decision, clause: `${name}: unmeasured`, figures };
  const clause = `${name}: ${decision}, async-express carries ${withInterval(ratio)} times as much and keeps the CPUs busier by ${withInterval(busier)}`;
  return { decision, clause, figures };
}

/** The largest number up to `most` that divides `number` without a rest. */
function largestDivisor(number: number, most: number): number {
  let divisor = Math.min(number, most);
  while (number % divisor !== 0) divisor--;
  return divisor;
}
