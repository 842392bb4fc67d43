import exec from 'k6/execution';
import http from 'k6/http';
import { now, pause } from './clock.ts';
import { Control } from './control.ts';
import type { BurstResponse, ErrorKind, Orders, SourceOutcome, StopCause } from './orders.ts';
import { randomOf } from './random.ts';
import { RequestMix } from './request-mix.ts';
import { Scores, type SentRequest } from './scores.ts';
import type { LoadSettings } from './settings.ts';

/** Seconds between two samples of the requests in progress, and between two reports. */
const SAMPLE_EVERY = 0.05;
const REPORT_EVERY = 0.25;
/** Seconds without a word from the control after which the load stops: nobody may be there to stop it. */
const LONGEST_SILENCE = 5;
const LAST_REPORT_ATTEMPTS = 5;
/** What the system says to a generator that has no file or port left: its own limit, not the service's. */
const outOfConnections = /too many open files|cannot assign requested address/;

/** When requests are sent: what an open load, a closed load and a burst differ in. */
export interface LoadModel {
  /** Sends through its source until the load is over or stopped; what is in progress then is not waited for. */
  run(): Promise<void>;
  /** Sends what is due by now, and no more. */
  stop(): void;
  obey?(orders: Orders): void;
  /** Where single responses are what is looked for. */
  readonly responses?: readonly BurstResponse[];
}

/** k6's options for a load whose sources each run one iteration, in which they send for so many seconds. */
export function sourceOptions(settings: LoadSettings, sending: number) {
  return {
    scenarios: {
      load: {
        executor: 'per-vu-iterations',
        vus: settings.sources,
        iterations: 1,
        maxDuration: `${Math.ceil(sending + settings.timeLimit + 30)}s`,
      },
    },
    // How many idle connections k6 keeps; with fewer it opens new ones all the time.
    batch: 5000,
    batchPerHost: 5000,
    discardResponseBodies: true,
    systemTags: [],
    // A request that fails is counted, not logged.
    throw: true,
  };
}

/** One virtual user as a source of a load: sends requests, scores them, reports and obeys. */
export class Source {
  /** From 1. */
  readonly number = exec.vu.idInTest;
  readonly #settings: LoadSettings;
  readonly #scores: Scores;
  readonly #mix: RequestMix;
  readonly #params: { readonly timeout: number };
  readonly #jsonParams: { readonly timeout: number; readonly headers: Record<string, string> };
  #stoppedBy: StopCause | undefined;
  #over = false;
  #onDrained: (() => void) | undefined;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#scores = new Scores({ ...settings, source: this.number });
    this.#mix = new RequestMix(randomOf(settings.seed, this.number, 'requests'), settings.requests);
    this.#params = { timeout: settings.timeLimit * 1000 };
    this.#jsonParams = { ...this.#params, headers: { 'Content-Type': 'application/json' } };
  }

  /** Runs `load` from the time 0 until everything that it sent has ended; what was measured. */
  async run(load: LoadModel): Promise<SourceOutcome> {
    const control = this.#settings.orders === undefined ? undefined : new Control(this.#settings.orders);
    await pause(-now());
    this.#sample();
    const reports = control === undefined ? undefined : this.#report(control, load);
    await load.run();
    await this.#drained();
    this.#over = true;
    this.#scores.sample(now());
    const { responses } = load;
    const outcome = { ...this.#scores.outcome(now(), this.#stoppedBy), ...(responses && { responses }) };
    await reports;
    if (control !== undefined) await this.#handOver(control, outcome);
    return outcome;
  }

  /** Sends a request that was due at `intended`; resolves to the time at which it ended, in seconds. */
  async send(intended: number): Promise<number> {
    const sentAt = now();
    if (sentAt - intended >= this.#settings.timeLimit) {
      this.#scores.neverSent(intended);
      return sentAt;
    }
    const { method, path, body } = this.#mix.draw();
    const sent = this.#scores.sent(intended, sentAt);
    try {
      const params = body === undefined ? this.#params : this.#jsonParams;
      const response = await http.asyncRequest(method, this.#settings.target + path, body ?? null, params);
      const { blocked, duration } = response.timings;
      return this.#ended(sent, errorOf(response.status), (blocked + duration) / 1000);
    } catch (error) {
      if (outOfConnections.test(String(error))) return this.#ended(sent, 'not-sent');
      return this.#ended(sent, now() - sentAt >= this.#settings.timeLimit ? 'timeout' : 'connection');
    }
  }

  #ended(sent: SentRequest, error: ErrorKind | 'not-sent' | undefined, fromSend?: number): number {
    const time = now();
    if (error === 'not-sent') this.#scores.notSent(sent, time);
    else this.#scores.ended(sent, time, error, fromSend);
    if (this.#scores.inProgress === 0) this.#onDrained?.();
    return time;
  }

  async #drained(): Promise<void> {
    if (this.#scores.inProgress === 0) return;
    await new Promise<void>(resolve => {
      this.#onDrained = resolve;
    });
  }

  async #sample(): Promise<void> {
    for (let sample = 1; !this.#over; sample++) {
      this.#scores.sample(now());
      await pause(sample * SAMPLE_EVERY - now());
    }
  }

  async #report(control: Control, load: LoadModel): Promise<void> {
    let heard = now();
    while (!this.#over) {
      const began = now();
      const orders = await control.tell(this.#scores.report(began));
      if (orders !== undefined) {
        heard = now();
        if (orders.requests !== undefined) this.#mix.replace(orders.requests);
        load.obey?.(orders);
      }
      if (orders?.stop) this.#stop(load, 'order');
      else if (now() - heard > LONGEST_SILENCE) this.#stop(load, 'silence');
      if (!this.#over) await pause(began + REPORT_EVERY - now());
    }
  }

  #stop(load: LoadModel, cause: StopCause): void {
    if (this.#stoppedBy || this.#over) return;
    this.#stoppedBy = cause;
    this.#scores.stopped(now());
    load.stop();
  }

  async #handOver(control: Control, outcome: SourceOutcome): Promise<void> {
    const report = { ...this.#scores.report(now()), outcome };
    for (let attempt = 1; attempt <= LAST_REPORT_ATTEMPTS; attempt++) {
      if ((await control.tell(report)) !== undefined) return;
      await pause(attempt * REPORT_EVERY);
    }
    throw new Error(
      `source ${this.number} could not hand over what it measured: ${this.#settings.orders} does not answer`,
    );
  }
}

function errorOf(status: number): ErrorKind | undefined {
  if (status < 400) return undefined;
  if (status < 500) return 'status-4xx';
  return status === 503 ? 'status-503' : 'status-5xx';
}
