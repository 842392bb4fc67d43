import { workOfRequest } from '../../model/contract/work.ts';
import type { Workload } from '../../model/experiment.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { ServiceModel } from './service-model.ts';

/** What a request of one kind asks of the service. */
export interface Requirements {
  /** The part of all requests that are of this kind, and with those of one before it. */
  readonly share: Fraction;
  readonly cumulative: Fraction;
  /** CPU of its worker, beyond what every request takes. */
  readonly cpuSeconds: Seconds;
  /** In statements that wait: those that do not count as a part of one. */
  readonly statements: number;
  /** In the database, as it was asked for. */
  readonly wait: Seconds;
}

/** What each kind of request of the workload asks for. */
export function requirementsOf(workload: Workload, model: ServiceModel): Requirements[] {
  const total = workload.requests.reduce((sum, { weight }) => sum + weight, 0);
  let cumulative = 0;
  const { cpuWork = 1, readStatement = 1 } = model;
  return workload.requests.map(request => {
    const share = request.weight / total;
    cumulative += share;
    const { computing, waiting, waits, reads } = workOfRequest(request, model.cpuSecondsPerUnit);
    return {
      share,
      cumulative,
      cpuSeconds: cpuWork * computing,
      statements: readStatement * reads + waits,
      wait: waiting,
    };
  });
}

/** The mean of something over all requests, by what there is of each kind. */
export function meanOver<Kind extends { readonly share: Fraction }>(
  kinds: readonly Kind[],
  of: (kind: Kind) => number,
): number {
  return kinds.reduce((sum, kind) => sum + kind.share * of(kind), 0);
}

/** Statements that one of its requests takes on average. */
export function meanStatements(requirements: readonly Requirements[]): number {
  return meanOver(requirements, ({ statements }) => statements);
}
