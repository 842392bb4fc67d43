import { requestFor } from '../../model/contract/contract.ts';
import { SECONDS_PER_UNIT } from '../../model/contract/work.ts';
import { listWorkers, refusalOf } from '../../model/deployment.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import {
  type DeploymentId,
  type LiveWorkload,
  type Mark,
  type Rest,
  type Second,
  type Settings,
  type State,
  settingLimits,
} from '../protocol.ts';
import { largestBurst, limitSettings, type SharedMachine, TIME_LIMIT, workableIn } from '../work.ts';
import type { LiveStack, StackDeployment } from './config.ts';
import type { GeneratorDesk } from './generator-desk.ts';
import type { StackInterventions } from './interventions.ts';
import { chooseFirstSettings, DotScale, ordersFor } from './load.ts';
import { Refusal } from './refusal.ts';

/** Seconds for which the database is taken away. */
const DATABASE_AWAY = 5;
/** Seconds without a page until the load stops, so that a page may be loaded again. */
const UNWATCHED = 10;

interface DirectorParts {
  readonly deployments: LiveStack['deployments'];
  readonly generator: Pick<GeneratorDesk, 'connected' | 'obey' | 'burst'>;
  readonly interventions: Pick<StackInterventions, 'limitConnections' | 'endWorker' | 'takeDatabaseAway'>;
  /** CPUs that all deployments share. */
  readonly cpus: number;
  /** Seconds since 1970. */
  readonly clock: () => number;
}

/** What the pages and the tour direct. */
export type Director = Omit<StackDirector, 'reset'>;

/**
 * Decides what is sent and done, within the limits, for the pages and the tour. Methods throw a `Refusal` where
 * something is not possible. It has no timers: call `seen` every second.
 */
export class StackDirector {
  /** Called when `state` has changed. */
  onChange: () => void = () => {};
  /** Called with each mark. */
  onMark: (mark: Mark) => void = () => {};
  readonly #parts: DirectorParts;
  readonly #machine: SharedMachine;
  readonly #dots: DotScale;
  #settings: Settings;
  #databaseConnections: State['databaseConnections'] = {};
  /** Infinity: it is being taken away. */
  #databaseBackAt: number | undefined;
  #touchedAt: number;
  #pages = 0;
  #unwatchedSince = Number.NEGATIVE_INFINITY;
  #bursts: { readonly at: number; readonly requests: number; readonly share: number }[] = [];
  #state: Omit<State, 'tour' | 'scaled'>;
  #orders = '';

  constructor(parts: DirectorParts) {
    this.#parts = parts;
    this.#machine = parts;
    this.#touchedAt = this.#now;
    this.#settings = chooseFirstSettings(parts.deployments);
    this.#dots = new DotScale(this.#settings.load);
    this.#state = this.#describe();
    this.#order();
  }

  get state(): Omit<State, 'tour' | 'scaled'> {
    return this.#state;
  }

  /** A page changes something. */
  touch(): void {
    this.#touchedAt = this.#now;
    this.#settle();
  }

  /** So many pages are open. A new page also starts a load that stopped; one that connects again does not. */
  watched(pages: number, isNew = false): void {
    if (isNew && this.#isUnwatched && pages > 0) this.#touchedAt = this.#now;
    if (this.#pages > 0 && pages === 0) this.#unwatchedSince = this.#now;
    this.#pages = pages;
    this.#settle();
  }

  /** What was seen in the last second. */
  seen({ deployments }: Second): void {
    this.#dots.seen(Object.values(deployments), this.#now);
    this.#settle();
  }

  /** Takes other settings, as far as they are possible. */
  choose(settings: Settings): void {
    this.#settings = limitSettings(settings, this.#machine);
    this.#dots.expect(this.#settings.load);
    this.#settle();
  }

  /** Goes back to the first settings, with all database connections. */
  async reset(): Promise<void> {
    this.choose(chooseFirstSettings(this.#parts.deployments));
    for (const id of Object.keys(this.#databaseConnections)) await this.limitConnections(id, undefined);
  }

  /** Sends so many requests at once, to each deployment on the stage or to those given. */
  burst(requests: number, ids: readonly DeploymentId[] = this.#settings.deployments): void {
    const { workload } = this.#settings;
    const most = largestBurst({ deployments: ids, workload }, this.#machine);
    if (!Number.isSafeInteger(requests) || requests < 1 || requests > most) {
      throw new Refusal(400, `A burst of this workload has 1 to ${most} requests, not ${requests}.`);
    }
    this.#send(requests, requests / this.#workable(workload, ids), ids);
  }

  /** Sends one request that computes for so many seconds. */
  holdCpu(seconds: number, ids: readonly DeploymentId[] = this.#settings.deployments): void {
    const parameters = { units: Math.round(seconds / SECONDS_PER_UNIT) };
    const share = 1 / this.#workable({ route: 'cpu', parameters }, ids);
    this.#send(1, share, ids, { weight: 1, ...requestFor('cpu', parameters) });
    for (const id of ids) this.onMark({ time: this.#now, kind: 'cpu-held', id, count: seconds });
  }

  /** Sets the ceiling of a deployment's database connections; `undefined`: its own number. */
  async limitConnections(id: DeploymentId, databaseConnections: number | undefined): Promise<void> {
    const { deployment } = this.#find(id);
    const own = deployment.databaseConnections;
    const given = databaseConnections ?? own;
    const most = Math.max(own, settingLimits.databaseConnections);
    const refusal =
      given > most
        ? `${id} can have ${most} database connections at most, not ${given}`
        : refusalOf({ ...deployment, databaseConnections: given });
    if (refusal !== undefined) throw new Refusal(400, `${refusal}.`);
    await this.#parts.interventions.limitConnections(id, given);
    const { [id]: _, ...others } = this.#databaseConnections;
    this.#databaseConnections = given === own ? others : { ...others, [id]: given };
    this.onMark({ time: this.#now, kind: 'connections-changed', id, count: given });
    this.#settle();
  }

  async endWorker(id: DeploymentId, worker: string): Promise<void> {
    const workers = listWorkers(this.#find(id).deployment).map(({ name }) => name);
    if (!workers.includes(worker)) {
      throw new Refusal(404, `${id} has no worker ${worker}. It has ${workers.join(', ')}.`);
    }
    await this.#parts.interventions.endWorker(id, worker);
  }

  async takeDatabaseAway(): Promise<void> {
    if (this.#databaseBackAt !== undefined) {
      throw new Refusal(409, 'The database is away already. Wait until it is back.');
    }
    this.#databaseBackAt = Number.POSITIVE_INFINITY;
    const outage = await this.#parts.interventions.takeDatabaseAway(DATABASE_AWAY).catch((error: unknown) => {
      this.#databaseBackAt = undefined;
      throw error;
    });
    this.#databaseBackAt = this.#now + DATABASE_AWAY;
    this.onMark({ time: this.#now, kind: 'database-away' });
    this.#settle();
    // Rejects only when the dashboard ends.
    outage.back.then(() => this.#giveDatabaseBack()).catch(() => undefined);
  }

  #giveDatabaseBack(): void {
    this.#databaseBackAt = undefined;
    this.onMark({ time: this.#now, kind: 'database-back' });
    this.#settle();
  }

  get #now(): number {
    return this.#parts.clock();
  }

  get #ids(): DeploymentId[] {
    return this.#parts.deployments.map(({ id }) => id);
  }

  get #isUnwatched(): boolean {
    return this.#pages === 0 && this.#now - this.#unwatchedSince >= UNWATCHED;
  }

  #find(id: DeploymentId): StackDeployment {
    const found = this.#parts.deployments.find(other => other.id === id);
    if (found !== undefined) return found;
    throw new Refusal(404, `${id} is not in this stack. It has ${this.#ids.join(', ')}.`);
  }

  /** Requests that these can work off within the time limit. */
  #workable(workload: LiveWorkload, ids: readonly DeploymentId[]): number {
    return workableIn(TIME_LIMIT, workload, ids, this.#machine);
  }

  /** `share`: of the work that these can do within the time limit. */
  #send(requests: number, share: number, ids: readonly DeploymentId[], request?: WeightedRequest): void {
    this.#settle();
    const { rest, settings } = this.#state;
    if (rest !== undefined && rest !== 'paused') {
      const [status, message] = whyNoBursts[rest];
      throw new Refusal(status, message);
    }
    const absent = ids.find(id => !settings.deployments.includes(id));
    if (absent !== undefined) throw new Refusal(409, `${absent} is not on the stage. Put it there first.`);
    this.#requireRest(requests, share);
    this.#dots.burst(requests, this.#now);
    this.#settle();
    for (const target of new Set(ids)) {
      this.#parts.generator.burst({ target, requests, ...(request !== undefined && { request }) });
    }
  }

  /** Several bursts together may be no larger than one. */
  #requireRest(requests: number, share: number): void {
    const at = this.#now;
    const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
    this.#bursts = this.#bursts.filter(burst => at - burst.at < TIME_LIMIT);
    const justSent = sum(this.#bursts.filter(burst => at - burst.at < 1).map(burst => burst.requests));
    if (justSent + requests > settingLimits.burst) {
      throw new Refusal(409, `${justSent} requests were just sent at once. Wait a second.`);
    }
    if (sum(this.#bursts.map(burst => burst.share)) + share > 1 + 1e-9) {
      throw new Refusal(409, 'The workers still work off the last bursts. Wait some seconds.');
    }
    this.#bursts.push({ at, requests, share });
  }

  /** Updates state and orders. */
  #settle(): void {
    const state = this.#describe();
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#order();
    this.onChange();
  }

  #describe(): Omit<State, 'tour' | 'scaled'> {
    const rest = this.#findRest();
    const backAt = this.#databaseBackAt;
    return {
      settings: this.#settings,
      ...(rest !== undefined && { rest }),
      requestsPerDot: this.#dots.requestsPerDot,
      databaseConnections: this.#databaseConnections,
      ...(backAt !== undefined && Number.isFinite(backAt) && { databaseBackAt: backAt }),
    };
  }

  #findRest(): Rest | undefined {
    if (!this.#settings.running) return 'paused';
    if (this.#now - this.#touchedAt >= settingLimits.untouched) return 'untouched';
    if (this.#isUnwatched) return 'unwatched';
    return this.#parts.generator.connected ? undefined : 'no-generator';
  }

  #order(): void {
    const orders = ordersFor(this.#state, this.#parts.deployments);
    const text = JSON.stringify(orders);
    if (text === this.#orders) return;
    this.#orders = text;
    this.#parts.generator.obey(orders);
  }
}

const whyNoBursts = {
  untouched: [409, 'No page changed anything for ten minutes, so the load rests. Change something first.'],
  unwatched: [409, 'No page is open, so the load rests. Open the page first.'],
  'no-generator': [503, 'k6, which sends the load, does not answer. It is started again: wait for it.'],
} as const;
