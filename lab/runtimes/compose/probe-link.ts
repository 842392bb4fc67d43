import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import type { Orders, SourceReport } from '../../../model/wire.ts';
import type { FromProbe, ToProbe } from '../../probe/main.ts';
import type { Probe, ProbeQuery, ProbeSample } from '../../probe/probe.ts';
import type { OrdersDesk } from '../../run/generator.ts';
import { endGroup } from '../process-group.ts';
import { engineFailed, spawnDocker } from './docker.ts';

/** Where the program of a probe runs. */
export interface ProbePlace {
  readonly project: string;
  /** The container whose network namespace it shares. */
  readonly nginx: string;
  /** Loadline's own. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

const START_LIMIT: Seconds = 20;
const ANSWER_LIMIT: Seconds = 10;
/** After which it is ended by force. */
const END_LIMIT: Seconds = 1;

/** A probe inside nginx's network namespace, which runs as long as this is open. */
export class ProbeLink implements Probe, AsyncDisposable {
  /** Where k6's sources report, inside nginx's network namespace. */
  readonly ordersAddress: string;
  readonly #program: ProbeProgram;
  readonly #asked = new Map<number, PromiseWithResolvers<ProbeSample>>();
  #queries = 0;
  #desk: OrdersDesk | undefined;
  #failure: Error | undefined;

  private constructor(program: ProbeProgram, ordersAddress: string) {
    this.ordersAddress = ordersAddress;
    this.#program = program;
    program.lines.on('line', line => this.#hear(JSON.parse(line) as FromProbe));
    program.ended.then(failure => this.#fail(failure));
  }

  /** Starts the program, and returns when it takes reports. */
  static async open(place: ProbePlace, signal: AbortSignal, longest = START_LIMIT): Promise<ProbeLink> {
    const program = start(argumentsFor(place));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(longest * 1000)]);
    try {
      const begun = await Promise.race([once(program.lines, 'line', { signal: limit }), program.ended]);
      if (begun instanceof Error) throw begun;
      const { reports } = JSON.parse(String(begun[0])) as { reports: string };
      return new ProbeLink(program, reports);
    } catch (error) {
      await endGroup(program.process);
      signal.throwIfAborted();
      if (limit.aborted) throw engineFailed(`took longer than ${longest} s to start its probe`, error);
      throw error;
    }
  }

  async sample(query: ProbeQuery): Promise<ProbeSample> {
    const id = ++this.#queries;
    const asked = Promise.withResolvers<ProbeSample>();
    this.#asked.set(id, asked);
    const late = setTimeout(
      () => asked.reject(engineFailed(`took longer than ${ANSWER_LIMIT} s to pass on a query`)),
      ANSWER_LIMIT * 1000,
    );
    try {
      if (this.#failure) throw this.#failure;
      this.#tell({ id, query });
      return await asked.promise;
    } finally {
      clearTimeout(late);
      this.#asked.delete(id);
    }
  }

  /** Hands all reports to `desk` from now on; without one they are refused. */
  reportTo(desk: OrdersDesk | undefined): void {
    this.#desk = desk;
  }

  /** Lets the program end, and returns when it has. */
  async close(): Promise<void> {
    const { process, ended } = this.#program;
    process.stdin.end();
    const impatient = setTimeout(() => void endGroup(process), END_LIMIT * 1000);
    await ended;
    clearTimeout(impatient);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #hear(message: FromProbe): void {
    if ('report' in message) this.#answer(message.report, message.body);
    if (!('id' in message)) return;
    const asked = this.#asked.get(message.id);
    if ('failure' in message) asked?.reject(new LoadlineError('workers-failed', message.failure));
    else asked?.resolve(message.sample);
  }

  #fail(failure: Error): void {
    this.#failure = failure;
    this.#desk?.fail(failure);
    for (const asked of this.#asked.values()) asked.reject(failure);
  }

  #answer(report: number, body: SourceReport): void {
    let orders: Orders | undefined;
    try {
      orders = this.#desk?.take(body);
    } catch {
      // The desk has told whoever waits for the load.
    }
    this.#tell({ report, ...(orders && { orders }) });
  }

  #tell(message: ToProbe): void {
    this.#program.process.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

interface ProbeProgram {
  readonly process: ReturnType<typeof spawnDocker>;
  readonly lines: Interface;
  /** Resolves when it has ended, to what is told to those who still need it. */
  readonly ended: Promise<Error>;
}

function start(args: readonly string[]): ProbeProgram {
  const process = spawnDocker(args);
  let said = '';
  process.stderr.setEncoding('utf8').on('data', (words: string) => (said += words));
  // That it cannot be written to any more is told by its end.
  process.stdin.on('error', () => undefined);
  const ended = once(process, 'close').then(
    () => engineFailed(`ended the container of its probe: ${said.trim() || 'it said nothing'}`),
    cause => engineFailed('could not start its probe', cause),
  );
  return { process, lines: createInterface({ input: process.stdout }), ended };
}

/** It is a container of the project like the others, so that it goes with them. */
function argumentsFor({ project, nginx, image, labels }: ProbePlace): string[] {
  const all = { ...labels, 'com.docker.compose.project': project, 'com.docker.compose.service': 'probe' };
  return [
    ...['run', '--rm', '--interactive', '--init', '--network', `container:${nginx}`, '--log-driver', 'none'],
    ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', 'node'],
    ...Object.entries(all).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...[image, 'node', 'lab/probe/main.ts'],
  ];
}
