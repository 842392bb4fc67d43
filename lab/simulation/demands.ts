import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { demandAt, growthAt, type ServiceModel, type WorkerDemand, workerDemandOf } from './service-model.ts';

/** Of what is known of the load so far, the share that its newest part has. */
const NEWEST = 0.4;

/** CPU seconds of a request or statement at the load that there is: they fall as it grows. */
export class Demands {
  k6: Seconds = 0;
  nginx: Seconds = 0;
  postgres: Seconds = 0;
  request: Seconds = 0;
  statement: Seconds = 0;
  readonly #model: ServiceModel;
  readonly #worker: WorkerDemand;
  readonly #machine: { readonly cpus: number; readonly workers: number; readonly statements: number };
  #sent: PerSecond;
  #served: PerSecond;

  /** For a load that begins at so many arrivals a second, on so many CPUs, with so many statements a request. */
  constructor(
    model: ServiceModel,
    arrivalRate: PerSecond,
    machine: { app: string; cpus: number; workers: number; statements: number },
  ) {
    this.#model = model;
    this.#worker = workerDemandOf(model, machine.app);
    this.#machine = machine;
    this.#sent = arrivalRate;
    this.#served = arrivalRate;
    this.#set();
  }

  /** Follows the load: so many requests were sent, and served, in the last seconds. */
  follow(sent: number, served: number, seconds: Seconds): void {
    this.#sent += NEWEST * (sent / seconds - this.#sent);
    this.#served += NEWEST * (served / seconds - this.#served);
    this.#set();
  }

  #set(): void {
    const { cpus, workers, statements } = this.#machine;
    const { nginxProcesses = cpus } = this.#model;
    const perWorker = this.#served / workers;
    this.k6 = demandAt(this.#model.k6, this.#sent / cpus);
    this.nginx = demandAt(this.#model.nginx, this.#sent / nginxProcesses);
    this.postgres = demandAt(this.#model.postgres, (this.#served * statements) / cpus);
    const growth = growthAt(this.#worker.growth, workers);
    this.request = growth * demandAt(this.#worker.request, perWorker);
    this.statement = growth * demandAt(this.#worker.statement, perWorker * statements);
  }
}
