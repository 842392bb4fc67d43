/**
 * A program: a probe for a process that cannot reach what it looks at, such as the lab outside the networks of containers. It
 * answers queries, and passes on what k6's sources report, in lines of JSON on stdin and stdout; it ends with its
 * input. `DATABASE_URL`, where it is set, is the database whose connections it counts.
 */
import { createInterface } from 'node:readline';
import type { Orders, SourceReport } from '../../model/wire.ts';
import { MachineProbe, type ProbeQuery, type ProbeSample } from './probe.ts';
import { serveReports } from './report-server.ts';
import { sessionsAt } from './sessions.ts';

/** What a probe is told. */
export type ToProbe =
  | { readonly id: number; readonly query: ProbeQuery }
  /** The answer to a report; without orders it is refused. */
  | { readonly report: number; readonly orders?: Orders };

/** What a probe tells. */
export type FromProbe =
  /** At the beginning: where it takes reports. */
  | { readonly reports: string }
  | { readonly id: number; readonly sample: ProbeSample }
  | { readonly id: number; readonly failure: string }
  | { readonly report: number; readonly body: SourceReport };

const { DATABASE_URL } = process.env;
const probe = new MachineProbe(DATABASE_URL ? sessionsAt(DATABASE_URL) : undefined);
const waiting = new Map<number, (orders: Orders | undefined) => void>();
let reported = 0;

const { address } = await serveReports(body => {
  const report = ++reported;
  tell({ report, body });
  return new Promise(resolve => waiting.set(report, resolve));
});
createInterface({ input: process.stdin })
  .on('line', line => hear(JSON.parse(line)))
  .on('close', () => process.exit());
tell({ reports: address });

function hear(message: ToProbe): void {
  if ('report' in message) {
    waiting.get(message.report)?.(message.orders);
    waiting.delete(message.report);
    return;
  }
  const { id, query } = message;
  probe.sample(query).then(
    sample => tell({ id, sample }),
    (error: Error) => tell({ id, failure: error.message }),
  );
}

function tell(message: FromProbe): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
