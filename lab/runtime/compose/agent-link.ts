import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface, type Interface } from 'node:readline';
import { LoadlineError } from '../../../model/errors.ts';
import type { Seconds } from '../../../model/quantities.ts';
import type { SourceReport } from '../../../model/wire.ts';
import type { OrdersDesk } from '../../trial/orders-desk.ts';
import { endGroup } from '../process-group.ts';
import type { FromAgent, ToAgent } from './agent.ts';
import { engineFailed, spawnDocker } from './docker.ts';

/** What an agent found out at once. */
export interface Look {
  /** What each address answered. */
  readonly answers: readonly string[];
  /** The text of the machine's `/proc/stat`. */
  readonly stat: string;
}

/** Where an agent runs. */
export interface AgentPlace {
  readonly project: string;
  /** The container whose network namespace it shares. */
  readonly nginx: string;
  /** Any that has Node. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
}

const START_LIMIT: Seconds = 20;
const ANSWER_LIMIT: Seconds = 10;
/** After which it is ended by force. */
const END_LIMIT: Seconds = 1;

/** The lab's end of its conversation with an agent, which runs as long as this is open. */
export class AgentLink implements AsyncDisposable {
  /** Where k6's sources report to, inside nginx's network namespace. */
  readonly ordersAddress: string;
  readonly #agent: AgentProcess;
  readonly #looks = new Map<number, PromiseWithResolvers<Look>>();
  #asked = 0;
  #desk: OrdersDesk | undefined;
  #failure: Error | undefined;

  private constructor(agent: AgentProcess, port: number) {
    this.ordersAddress = `http://127.0.0.1:${port}/`;
    this.#agent = agent;
    agent.lines.on('line', line => this.#hear(JSON.parse(line) as FromAgent));
    agent.ended.then(failure => this.#fail(failure));
  }

  /** Starts an agent, and returns when it takes reports. */
  static async open(place: AgentPlace, signal: AbortSignal, longest = START_LIMIT): Promise<AgentLink> {
    const agent = startAgent(await argumentsFor(place));
    const limit = AbortSignal.any([signal, AbortSignal.timeout(longest * 1000)]);
    try {
      const begun = await Promise.race([once(agent.lines, 'line', { signal: limit }), agent.ended]);
      if (begun instanceof Error) throw begun;
      const { port } = JSON.parse(String(begun[0])) as { port: number };
      return new AgentLink(agent, port);
    } catch (error) {
      await endGroup(agent.process);
      signal.throwIfAborted();
      if (limit.aborted) throw engineFailed(`took longer than ${longest} s to start the lab's agent`, error);
      throw error;
    }
  }

  /** Asks addresses inside the networks of the service. */
  async look(addresses: readonly string[]): Promise<Look> {
    const id = ++this.#asked;
    const asked = Promise.withResolvers<Look>();
    this.#looks.set(id, asked);
    const late = setTimeout(
      () => asked.reject(engineFailed(`took longer than ${ANSWER_LIMIT} s to pass on a question`)),
      ANSWER_LIMIT * 1000,
    );
    try {
      if (this.#failure) throw this.#failure;
      this.#say({ id, addresses });
      return await asked.promise;
    } finally {
      clearTimeout(late);
      this.#looks.delete(id);
    }
  }

  /** Hands all reports to `desk` from now on; without one they are refused. */
  reportTo(desk: OrdersDesk | undefined): void {
    this.#desk = desk;
  }

  /** Lets the agent end, and returns when it has. */
  async close(): Promise<void> {
    const { process, ended } = this.#agent;
    process.stdin.end();
    const impatient = setTimeout(() => void endGroup(process), END_LIMIT * 1000);
    await ended;
    clearTimeout(impatient);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #hear(message: FromAgent): void {
    if ('report' in message) this.#answer(message.report, message.body as SourceReport);
    if (!('id' in message)) return;
    const look = this.#looks.get(message.id);
    if ('failure' in message)
      look?.reject(new LoadlineError('workers-failed', `A control thread is silent: ${message.failure}`));
    else look?.resolve(message);
  }

  #fail(failure: Error): void {
    this.#failure = failure;
    this.#desk?.fail(failure);
    for (const look of this.#looks.values()) look.reject(failure);
  }

  #answer(report: number, body: SourceReport): void {
    try {
      const orders = this.#desk?.take(body);
      this.#say({ report, ...(orders && { orders }) });
    } catch {
      // The desk has told whoever waits for the load.
      this.#say({ report });
    }
  }

  #say(message: ToAgent): void {
    this.#agent.process.stdin.write(`${JSON.stringify(message)}\n`);
  }
}

interface AgentProcess {
  readonly process: ReturnType<typeof spawnDocker>;
  readonly lines: Interface;
  /** Resolves when it has ended, to what is told to those who still need it. */
  readonly ended: Promise<Error>;
}

function startAgent(args: readonly string[]): AgentProcess {
  const process = spawnDocker(args);
  let said = '';
  process.stderr.setEncoding('utf8').on('data', (words: string) => (said += words));
  // What is written to an agent that has gone is told by its end.
  process.stdin.on('error', () => undefined);
  const ended = once(process, 'close').then(
    () => engineFailed(`ended the container of the lab's agent: ${said.trim() || 'it said nothing'}`),
    cause => engineFailed("could not start the lab's agent", cause),
  );
  return { process, lines: createInterface({ input: process.stdout }), ended };
}

/** It is a container of the project like the others, so that it goes with them. */
async function argumentsFor({ project, nginx, image, labels }: AgentPlace): Promise<string[]> {
  const all = { ...labels, 'com.docker.compose.project': project, 'com.docker.compose.service': 'agent' };
  const source = await readFile(new URL('agent.ts', import.meta.url), 'utf8');
  return [
    ...['run', '--rm', '--interactive', '--init', '--network', `container:${nginx}`, '--log-driver', 'none'],
    ...['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges', '--user', 'node'],
    ...Object.entries(all).flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...[image, 'node', '--input-type=module-typescript', '--eval', source],
  ];
}
