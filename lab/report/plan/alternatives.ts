import Table from 'cli-table3';
import { resourceNames } from '../../../model/measurement.ts';
import { milliseconds, quantileName, rounded, signedPercent } from '../../../model/quantities.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Recommendation } from '../../plan/recommendation.ts';
import { plainTable } from '../text-table.ts';
import { shownDeployment } from './words.ts';

/** The deployments that meet the objective, best first, a row each. */
export function alternativesOf({ recommendations, question: { objective, prices } }: Plan): string {
  const quantile = quantileName(objective.quantile);
  const columns: readonly (readonly [string, (one: Recommendation) => string])[] = [
    ['deployment', ({ deployment, machines }) => shownDeployment(deployment, machines)],
    ...(prices ? [['cost', ({ cost }: Recommendation) => rounded(cost ?? 0)] as const] : []),
    ['memory\n(MB)', ({ memory }) => rounded(memory / 1e6)],
    ['database\nconnections', ({ databaseConnections }) => String(databaseConnections)],
    [`${quantile}\n(ms)`, ({ prediction }) => milliseconds(prediction.responseTime.atObjective)],
    ['capacity\n(1/s)', ({ capacity, machines }) => rounded(capacity.estimate * machines)],
    ['margin', ({ margin }) => signedPercent(margin)],
    ['gives out\nfirst', ({ next }) => resourceNames[next].short],
  ];
  const table = new Table(plainTable(columns.map(([head]) => head)));
  table.push(...recommendations.map(one => columns.map(([, show]) => show(one))));
  return table.toString().replace(/ +$/gm, '');
}
