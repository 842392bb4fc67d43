import { requestFor } from '../../model/contract/contract.ts';
import { SECONDS_PER_UNIT } from '../../model/contract/work.ts';
import { refusalOf, workersOf } from '../../model/deployment.ts';
import type { WeightedRequest } from '../../model/wire.ts';
import { availableCpus } from '../../services/cpus.ts';
import {
  type DeploymentId,
  type LiveWorkload,
  type Mark,
  type Second,
  type Settings,
  type State,
  settingLimits,
} from '../protocol.ts';
import { type SharedMachine, TIME_LIMIT, workableIn } from '../work.ts';
import { type Clock, systemClock } from './clock.ts';
import { DotScale } from './dot-scale.ts';
import { generatorOrders } from './generator-orders.ts';
import { initialSettings } from './initial-settings.ts';
import { burstRefusal, settingsRefusal } from './load-limits.ts';
import {
  type Director,
  type Generator,
  type Interventions,
  type LiveStack,
  type Outage,
  Refusal,
  type StackDeployment,
} from './parts.ts';
import { RecentBursts } from './recent-bursts.ts';
import { Rests, requireGenerator } from './rests.ts';

/** Seconds for which the database is taken away. */
const DATABASE_AWAY = 5;
const LONGEST_HOLD = 2;

/** What a director directs. */
export interface DirectorParts {
  readonly stack: Pick<LiveStack, 'deployments'>;
  readonly generator: Generator;
  readonly interventions: Interventions;
  /** CPUs of the machine that all deployments share. */
  readonly cpus?: number;
  readonly clock?: Clock;
}

/** The director of a stack. It has no timers: what is due is done when it is told what was seen, once a second. */
export function createDirector(parts: DirectorParts): Director {
  return new StackDirector(parts);
}

class StackDirector implements Director {
  onChange: () => void = () => {};
  onMark: (mark: Mark) => void = () => {};
  readonly #parts: DirectorParts;
  readonly #clock: Clock;
  readonly #machine: SharedMachine;
  readonly #dots: DotScale;
  readonly #bursts = new RecentBursts();
  readonly #rests: Rests;
  #settings: Settings;
  #databaseConnections: State['databaseConnections'] = {};
  #databaseBackAt: number | undefined;
  #state: Director['state'];
  #orders = '';

  constructor(parts: DirectorParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
    this.#machine = { deployments: parts.stack.deployments, cpus: parts.cpus ?? availableCpus() };
    this.#rests = new Rests(this.#clock());
    this.#settings = initialSettings(parts.stack);
    this.#dots = new DotScale(this.#settings.load);
    this.#state = this.#stateNow();
    this.#order();
  }

  get state(): Director['state'] {
    return this.#state;
  }

  touch(): void {
    this.#rests.touch(this.#clock());
    this.#settle();
  }

  watched(pages: number, newcomer = false): void {
    this.#rests.watched(pages, this.#clock(), newcomer);
    this.#settle();
  }

  seen({ deployments }: Second): void {
    this.#dots.seen(Object.values(deployments), this.#clock());
    this.#settle();
  }

  choose(settings: Settings): void {
    const refusal = settingsRefusal(settings, this.#machine);
    if (refusal !== undefined) throw new Refusal(400, refusal);
    this.#settings = { ...settings, deployments: this.#present.filter(id => settings.deployments.includes(id)) };
    this.#dots.expect(settings.load);
    this.#settle();
  }

  burst(requests: number, ids = this.#settings.deployments, request?: WeightedRequest): void {
    const workable = request === undefined ? this.#workable(this.#settings.workload, ids) : Number.POSITIVE_INFINITY;
    const refusal = burstRefusal(requests, workable);
    if (refusal !== undefined) throw new Refusal(400, refusal);
    this.#send({ requests, share: requests / workable }, ids, request);
  }

  holdCpu(seconds: number, ids = this.#settings.deployments): void {
    if (!(seconds > 0 && seconds <= LONGEST_HOLD)) {
      throw new Refusal(400, `The CPU can be held for ${LONGEST_HOLD} s at most, not for ${seconds}.`);
    }
    const parameters = { units: Math.round(seconds / SECONDS_PER_UNIT) };
    const share = 1 / this.#workable({ route: 'cpu', parameters }, ids);
    this.#send({ requests: 1, share }, ids, { weight: 1, ...requestFor('cpu', parameters) });
    const time = this.#clock();
    for (const id of ids) this.onMark({ time, kind: 'cpu-held', id, count: seconds });
  }

  async limitConnections(id: DeploymentId, databaseConnections: number | undefined): Promise<void> {
    const { deployment } = this.#deploymentOf(id);
    const given = databaseConnections ?? deployment.databaseConnections;
    const refusal =
      given > settingLimits.databaseConnections && given > deployment.databaseConnections
        ? `${id} can have ${settingLimits.databaseConnections} database connections at most, not ${given}`
        : refusalOf({ ...deployment, databaseConnections: given });
    if (refusal !== undefined) throw new Refusal(400, `${refusal}.`);
    const own = given === deployment.databaseConnections;
    await this.#parts.interventions.limitConnections(id, own ? undefined : given);
    const { [id]: _, ...others } = this.#databaseConnections;
    this.#databaseConnections = own ? others : { ...others, [id]: given };
    this.onMark({ time: this.#clock(), kind: 'connections-changed', id, count: given });
    this.#settle();
  }

  async endWorker(id: DeploymentId, worker: string): Promise<void> {
    const workers = workersOf(this.#deploymentOf(id).deployment).map(({ name }) => name);
    if (!workers.includes(worker)) {
      throw new Refusal(404, `${id} has no worker ${worker}: it has ${workers.join(', ')}.`);
    }
    await this.#parts.interventions.endWorker(id, worker);
  }

  async takeDatabaseAway(): Promise<void> {
    if (this.#databaseBackAt !== undefined) {
      throw new Refusal(409, 'The database is away already: wait until it is back.');
    }
    // From now on, so that nobody takes it away meanwhile.
    this.#databaseBackAt = Number.POSITIVE_INFINITY;
    let outage: Outage;
    try {
      outage = await this.#parts.interventions.takeDatabaseAway(DATABASE_AWAY);
    } catch (error) {
      this.#databaseBackAt = undefined;
      throw error;
    }
    const time = this.#clock();
    this.#databaseBackAt = time + DATABASE_AWAY;
    this.onMark({ time, kind: 'database-away' });
    this.#settle();
    // Where nobody tries to give it back any more, this is the end of the dashboard.
    outage.back.then(() => this.#databaseIsBack()).catch(() => undefined);
  }

  #databaseIsBack(): void {
    this.#databaseBackAt = undefined;
    this.onMark({ time: this.#clock(), kind: 'database-back' });
    this.#settle();
  }

  /** Requests of the workload that these can work off, about, within the time limit. */
  #workable(workload: LiveWorkload, ids: readonly DeploymentId[]): number {
    return workableIn(TIME_LIMIT, workload, ids, this.#machine);
  }

  get #present(): DeploymentId[] {
    return this.#parts.stack.deployments.map(({ id }) => id);
  }

  #deploymentOf(id: DeploymentId): StackDeployment {
    const found = this.#parts.stack.deployments.find(other => other.id === id);
    if (found !== undefined) return found;
    throw new Refusal(404, `${id} is not in this stack: there are ${this.#present.join(', ')}.`);
  }

  #send(
    { requests, share }: { readonly requests: number; readonly share: number },
    ids: readonly DeploymentId[],
    request?: WeightedRequest,
  ): void {
    this.#settle();
    const { rest, settings } = this.#state;
    requireGenerator(rest);
    const absent = ids.find(id => !settings.deployments.includes(id));
    if (absent !== undefined) throw new Refusal(409, `${absent} is not on the stage: put it there first.`);
    const tooMany = this.#bursts.add({ requests, share }, this.#clock());
    if (tooMany !== undefined) throw new Refusal(409, tooMany);
    this.#dots.burst(requests, this.#clock());
    this.#settle();
    for (const target of new Set(ids)) {
      this.#parts.generator.burst({ target, requests, ...(request !== undefined && { request }) });
    }
  }

  /** Brings state and orders up to date, and says so where they have become others. */
  #settle(): void {
    const state = this.#stateNow();
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#order();
    this.onChange();
  }

  #stateNow(): Director['state'] {
    const { running } = this.#settings;
    const rest = this.#rests.restAt(this.#clock(), { running, connected: this.#parts.generator.connected });
    const backAt = this.#databaseBackAt;
    return {
      settings: this.#settings,
      ...(rest !== undefined && { rest }),
      requestsPerDot: this.#dots.requestsPerDot,
      databaseConnections: this.#databaseConnections,
      ...(backAt !== undefined && Number.isFinite(backAt) && { databaseBackAt: backAt }),
    };
  }

  #order(): void {
    const orders = generatorOrders(this.#state, this.#parts.stack);
    const text = JSON.stringify(orders);
    if (text === this.#orders) return;
    this.#orders = text;
    this.#parts.generator.obey(orders);
  }
}
