import { deploymentOf } from '../../model/deployment.ts';
import type { Cell, Experiment } from '../../model/experiment.ts';
import { requireTold, resources } from '../../model/measurement.ts';
import { withInterval } from '../../model/quantities.ts';
import { culpritOf } from '../search/load-curve.ts';
import { holdPerRequest } from '../search/saturation.ts';
import type { Claim, Decision, Evidence } from './claim.ts';
import { allOf, byBlock, combined, completedOf, decided, figure, ratioOf, unmeasured } from './evidence.ts';
import { loadedPart, openPart, wait } from './parts.ts';

const CONNECTIONS = [5, 10, 20, 40, 80] as const;
const USED_UP = 0.9;
/** Users for each connection: enough that somebody always waits for it. */
const USERS = 3;

/** What event loops with more and more database connections can do at most, against connections ÷ hold time. */
export const c8: Claim = {
  id: 'C8',
  blocksEach: 2,
  claim: 'Async has other bottlenecks, such as the limit on database connections.',
  cells: () => [],
  parts: ({ experiment }) => [
    openPart('light', cellOf(40, experiment), 20, 4),
    ...CONNECTIONS.map(connections =>
      loadedPart(
        partName(connections),
        cellOf(connections, experiment),
        { model: 'closed', users: USERS * connections, thinkTime: 0 },
        { steadyState: 4, timeLimit: 5 },
      ),
    ),
  ],
  judge(evidence) {
    const steps = CONNECTIONS.map(connections => stepOf(connections, evidence));
    // Until another resource gives out: what comes after that tells nothing about connections.
    const end = steps.findIndex(({ resource }) => resource !== 'database-connections');
    const limited = end < 0 ? steps : steps.slice(0, end);
    const figures = steps.flatMap(({ connections, ratio }) =>
      Number.isFinite(ratio.estimate)
        ? [figure(`${connections} connections: throughput ÷ (connections ÷ hold time)`, '', ratio)]
        : [],
    );
    const decisions = limited.map(({ ratio }) => decided(ratio, { from: 0.95, to: 1.05 }));
    const verdict: Decision = limited.length === 0 ? 'not shown' : allOf(decisions);
    if (verdict === 'unmeasured' || figures.length === 0) return unmeasured(evidence, 'C8', figures);
    const clauses = limited.map(({ connections, ratio }) => `${connections}: ${withInterval(ratio)}`);
    const beyond = steps[end];
    const after = beyond === undefined ? '' : `; with ${beyond.connections} ${nameOf(beyond.resource)} gives out first`;
    const sentence =
      clauses.length === 0
        ? `Even with ${CONNECTIONS[0]} connections something else gives out first: ${nameOf(beyond?.resource)}.`
        : `Throughput against connections ÷ hold time, by connections: ${clauses.join(', ')} (the line: 0.95 to 1.05)${after}.`;
    return { verdict, sentence, figures };
  },
};

function stepOf(connections: number, evidence: Evidence) {
  const hold = byBlock(evidence, 'C8', 'light', holdPerRequest);
  const throughput = byBlock(evidence, 'C8', partName(connections), one => one.throughput);
  const limit = combined([hold], ([seconds]) => connections / seconds);
  return { connections, ratio: ratioOf(throughput, limit), resource: bottleneckOf(connections, evidence) };
}

/** What was used up, over all blocks; `k6` where the generator could not keep up. */
function bottleneckOf(connections: number, { results }: Evidence): string {
  const completed = completedOf(results, 'C8', partName(connections));
  if (completed.length < 2) {
    const gaveOut = results.some(
      result =>
        result.state === 'invalid' &&
        result.trial.claim?.id === 'C8' &&
        result.trial.claim.part === partName(connections) &&
        culpritOf(result.reason) === 'generator',
    );
    return gaveOut ? 'k6' : 'database-connections';
  }
  const mean = (resource: (typeof resources)[number]) =>
    completed.reduce((sum, { measurement }) => sum + requireTold(measurement).utilisation[resource], 0) /
    completed.length;
  if (mean('cpu') >= USED_UP) return 'cpu';
  return resources.reduce((most, one) => (mean(one) > mean(most) ? one : most), 'database-connections');
}

function nameOf(resource: string | undefined): string {
  return resource === 'cpu' ? 'the CPU' : (resource ?? 'nothing');
}

/** No more loops than the fewest connections: each needs one. */
function cellOf(databaseConnections: number, { cpus }: Pick<Experiment, 'cpus'>): Cell {
  const processes = Math.min(cpus, CONNECTIONS[0]);
  return { deployment: deploymentOf('hybrid', cpus, { processes, databaseConnections }), workload: wait };
}

function partName(connections: number): string {
  return `${connections} connections`;
}
