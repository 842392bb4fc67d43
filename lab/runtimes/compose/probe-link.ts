import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import type { FromProbe, ToProbe } from '../../probe/main.ts';
import type { Probe, ProbeQuery, ProbeSample } from '../../probe/probe.ts';
import type { OrdersDesk } from '../../run/generator.ts';
import { endGroup } from '../child-process.ts';
import { EngineFailure, spawnDocker } from './docker.ts';

/** Where the program of a probe runs. */
interface ProbePlace {
  readonly project: string;
  /** The container whose network namespace it shares. */
  readonly nginx: string;
  /** Loadline's own. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

const START_LIMIT: Seconds = 20;
const ANSWER_LIMIT: Seconds = 10;
/** From the end of its input to a signal. */
const END_LIMIT: Seconds = 1;

/** A probe inside nginx's network namespace, which runs as long as this is open. */
export class ProbeLink implements Probe, AsyncDisposable {
  /** Where k6's sources report, inside nginx's network namespace. */
  readonly ordersAddress: string;
  readonly #process: ReturnType<typeof spawnDocker>;
  readonly #ended: Promise<Error>;
  readonly #asked = new Map<number, PromiseWithResolvers<ProbeSample>>();
  #queries = 0;
  #desk: OrdersDesk | undefined;
  #failure: Error | undefined;

  private constructor(
    process: ReturnType<typeof spawnDocker>,
    lines: Interface,
    ended: Promise<Error>,
    address: string,
  ) {
    this.ordersAddress = address;
    this.#process = process;
    this.#ended = ended;
    lines.on('line', line => this.#hear(JSON.parse(line) as FromProbe));
    ended.then(failure => this.#fail(failure));
  }

  /** Starts the program, and returns when it takes reports. */
  static async open(place: ProbePlace, signal: AbortSignal, longest = START_LIMIT): Promise<ProbeLink> {
    const process = spawnDocker(argumentsFor(place));
    const lines = createInterface({ input: process.stdout });
    let said = '';
    process.stderr.setEncoding('utf8').on('data', (words: string) => (said += words));
    // Its end tells that it takes no more input.
    process.stdin.on('error', () => undefined);
    const ended = once(process, 'close').then(
      () => new EngineFailure(`ended the container of its probe: ${said.trim() || 'it said nothing'}`),
      cause => new EngineFailure('could not start its probe', undefined, cause),
    );
    const limit = AbortSignal.any([signal, AbortSignal.timeout(longest * 1000)]);
    try {
      const begun = await Promise.race([once(lines, 'line', { signal: limit }), ended]);
      if (begun instanceof Error) throw begun;
      const { reports } = JSON.parse(String(begun[0])) as { reports: string };
      return new ProbeLink(process, lines, ended, reports);
    } catch (error) {
      await endGroup(process);
      signal.throwIfAborted();
      if (limit.aborted) throw new EngineFailure(`took longer than ${longest} s to start its probe`, undefined, error);
      throw error;
    }
  }

  async sample(query: ProbeQuery): Promise<ProbeSample> {
    const id = ++this.#queries;
    const asked = Promise.withResolvers<ProbeSample>();
    this.#asked.set(id, asked);
    const giveUp = () => asked.reject(new EngineFailure(`took longer than ${ANSWER_LIMIT} s to pass on a query`));
    const late = setTimeout(giveUp, ANSWER_LIMIT * 1000);
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
    this.#process.stdin.end();
    const late = setTimeout(() => void endGroup(this.#process), END_LIMIT * 1000);
    await this.#ended;
    clearTimeout(late);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #hear(message: FromProbe): void {
    if ('report' in message) {
      const { report, body } = message;
      try {
        const orders = this.#desk?.take(body);
        this.#tell({ report, ...(orders && { orders }) });
      } catch {
        // The desk has told the load's driver.
        this.#tell({ report });
      }
    } else if ('id' in message) {
      const asked = this.#asked.get(message.id);
      if ('failure' in message) asked?.reject(new LoadlineError('workers-failed', message.failure));
      else asked?.resolve(message.sample);
    }
  }

  #fail(failure: Error): void {
    this.#failure = failure;
    this.#desk?.fail(failure);
    for (const asked of this.#asked.values()) asked.reject(failure);
  }

  #tell(message: ToProbe): void {
    this.#process.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

/** A container of the project like the others, so that it is removed with them. */
function argumentsFor({ project, nginx, image, labels }: ProbePlace): string[] {
  const all = { ...labels, 'com.docker.compose.project': project, 'com.docker.compose.service': 'probe' };
  return [
    ...['run', '--rm', '--interactive', '--init', '--network', `container:${nginx}`, '--log-driver', 'none'],
    ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', 'node'],
    ...Object.entries(all).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...[image, 'node', 'lab/probe/main.ts'],
  ];
}
