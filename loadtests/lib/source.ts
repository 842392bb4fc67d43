import exec from 'k6/execution';
import { randomOf } from '../../model/random.ts';
import type { BurstResponse, Orders, SourceOutcome, SourceReport, StopCause } from '../../model/wire.ts';
import { now, pause } from './clock.ts';
import { Control, LONGEST_SILENCE, REPORT_EVERY } from './control.ts';
import type { Ending } from './ending.ts';
import { RequestMix } from './request-mix.ts';
import { Scores, type SentRequest } from './scores.ts';
import { sendRequest } from './send-request.ts';
import type { LoadSettings } from './settings.ts';

/** Seconds between two samples of the requests in progress. */
const SAMPLE_EVERY = 0.05;
const LAST_REPORT_ATTEMPTS = 5;

/** When requests are sent: what an open load, a closed load and a burst differ in. */
export interface LoadModel {
  /** Sends through its source until the load is over or stopped; what is in progress then is not waited for. */
  run(): Promise<void>;
  /** Sends what is due by now, and no more. */
  stop(): void;
  /** Where single responses are what is looked for. */
  readonly responses?: readonly BurstResponse[];
}

/** One virtual user as a source of a load: sends requests, scores them and reports. */
export class Source {
  /** From 1. */
  readonly number = exec.vu.idInTest;
  readonly #settings: LoadSettings;
  readonly #scores: Scores;
  readonly #mix: RequestMix;
  #stoppedBy: StopCause | undefined;
  #over = false;
  #onDrained: (() => void) | undefined;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#scores = new Scores({ ...settings, source: this.number });
    this.#mix = new RequestMix(randomOf(settings.seed, this.number, 'requests'), settings.requests);
  }

  /** Runs `load` from the time 0 until everything that it sent has ended; what was measured. */
  async run(load: LoadModel): Promise<SourceOutcome> {
    const control =
      this.#settings.orders === undefined ? undefined : new Control<SourceReport, Orders>(this.#settings.orders);
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
    const request = this.#mix.draw();
    const sent = this.#scores.sent(intended, sentAt);
    return this.#ended(sent, await sendRequest(this.#settings.target, request, this.#settings.timeLimit));
  }

  #ended(sent: SentRequest, { error, fromSend }: Ending): number {
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

  async #report(control: Control<SourceReport, Orders>, load: LoadModel): Promise<void> {
    let heard = now();
    while (!this.#over) {
      const began = now();
      const orders = await control.tell(this.#scores.report(began));
      if (orders !== undefined) heard = now();
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

  async #handOver(control: Control<SourceReport, Orders>, outcome: SourceOutcome): Promise<void> {
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
