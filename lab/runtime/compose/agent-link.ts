import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { LoadlineError } from '../../../errors/loadline-error.ts';
import type { SourceReport } from '../../../loadtests/lib/orders.ts';
import type { Seconds } from '../../experiment/units.ts';
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

/** The lab's end of its conversation with an agent, which runs as long as this is open. */
export class AgentLink implements AsyncDisposable {
  /** Where k6's sources report to, inside nginx's network namespace. */
  readonly ordersAddress: string;
  readonly #agent: ReturnType<typeof spawnDocker>;
  readonly #looks: Map<number, PromiseWithResolvers<Look>>;
  #asked = 0;
  #desk: OrdersDesk | undefined;

  private constructor(
    agent: ReturnType<typeof spawnDocker>,
    port: number,
    looks: Map<number, PromiseWithResolvers<Look>>,
  ) {
    this.#agent = agent;
    this.#looks = looks;
    this.ordersAddress = `http://127.0.0.1:${port}/`;
  }

  /** Starts an agent, and returns when it takes reports. */
  static async open(place: AgentPlace, signal: AbortSignal): Promise<AgentLink> {
    const agent = spawnDocker(await argumentsFor(place));
    let said = '';
    agent.stderr.setEncoding('utf8').on('data', (words: string) => (said += words));
    // What is written to an agent that has gone is told by its end.
    agent.stdin.on('error', () => undefined);
    const looks = new Map<number, PromiseWithResolvers<Look>>();
    const lines = createInterface({ input: agent.stdout });
    const ended = once(agent, 'close').then(
      () => engineFailed(`ended the container of the lab's agent: ${said.trim()}`),
      cause => engineFailed("could not start the lab's agent", cause),
    );
    const first = once(lines, 'line', { signal: AbortSignal.any([signal, AbortSignal.timeout(START_LIMIT * 1000)]) });
    try {
      const begun = await Promise.race([first, ended]);
      if (begun instanceof Error) throw begun;
      const { port } = JSON.parse(String(begun[0])) as { port: number };
      const link = new AgentLink(agent, port, looks);
      lines.on('line', line => link.#hear(JSON.parse(line) as FromAgent));
      ended.then(error => {
        for (const look of looks.values()) look.reject(error);
        looks.clear();
      });
      return link;
    } catch (error) {
      await endGroup(agent);
      signal.throwIfAborted();
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
      if (this.#agent.exitCode !== null) throw engineFailed("ended the container of the lab's agent");
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
  async [Symbol.asyncDispose](): Promise<void> {
    this.#agent.stdin.end();
    await Promise.race([once(this.#agent, 'close'), pause(1000, undefined, { ref: false })]);
    await endGroup(this.#agent);
  }

  #hear(message: FromAgent): void {
    if ('report' in message) this.#answer(message.report, message.body as SourceReport);
    if (!('id' in message)) return;
    const look = this.#looks.get(message.id);
    if ('failure' in message)
      look?.reject(new LoadlineError('workers-failed', `A control thread is silent: ${message.failure}`));
    else look?.resolve(message);
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
    this.#agent.stdin.write(`${JSON.stringify(message)}\n`);
  }
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
