import exec from 'k6/execution';
import { createRandom } from '../../model/random.ts';
import type { BurstResponse, Orders, SourceOutcome, StopCause } from '../../model/wire.ts';
import { LONGEST_SILENCE, now, pause, REPORT_EVERY, report, sendRequest } from './k6.ts';
import { RequestMix } from './requests.ts';
import { Scores } from './scores.ts';
import type { LoadSettings } from './settings.ts';
import { describeLoad } from './summary.ts';

/** When requests are sent: what an open load, a closed load and a burst differ in. */
interface LoadModel {
  /** Sends through its source until the load is over or stopped; what is in progress then is not waited for. */
  run(): Promise<void>;
  /** Sends what is due by now, and no more. */
  stop(): void;
  /** Only of a burst. */
  readonly responses?: readonly BurstResponse[];
}

/** Seconds between two samples of the requests in progress. */
const SAMPLE_EVERY = 0.05;
const LAST_REPORT_ATTEMPTS = 5;

/** Runs a load by a source of its own; what it measured, as text, where no control has taken it. */
export async function drive(
  settings: LoadSettings,
  title: string,
  modelOf: (source: Source) => LoadModel,
): Promise<string | undefined> {
  const source = new Source(settings);
  const outcome = await source.run(modelOf(source));
  return settings.orders === undefined ? describeLoad(settings, title, outcome) : undefined;
}

/** One virtual user as a source of a load: sends requests, scores them and reports. */
class Source {
  /** From 1. */
  readonly number = exec.vu.idInTest;
  readonly #settings: LoadSettings;
  readonly #scores: Scores;
  readonly #mix: RequestMix;
  #stoppedBy: StopCause | undefined;
  #isOver = false;
  #onDrained: (() => void) | undefined;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#scores = new Scores({ ...settings, source: this.number });
    this.#mix = new RequestMix(createRandom(settings.seed, this.number, 'requests'), settings.requests);
  }

  /** Runs `load` from the time 0 until everything that it sent has ended; what was measured. */
  async run(load: LoadModel): Promise<SourceOutcome> {
    const { orders } = this.#settings;
    await pause(-now());
    this.#sample();
    const reports = orders === undefined ? undefined : this.#report(orders, load);
    await load.run();
    if (this.#scores.inProgress > 0) await new Promise<void>(resolve => (this.#onDrained = resolve));
    this.#isOver = true;
    this.#scores.sample(now());
    const { responses } = load;
    const outcome = { ...this.#scores.outcome(now(), this.#stoppedBy), ...(responses && { responses }) };
    await reports;
    if (orders !== undefined) await this.#handOver(orders, outcome);
    return outcome;
  }

  /** Sends a request that was due at `intended`; resolves to the time at which it ended, in seconds. */
  async send(intended: number): Promise<number> {
    const sentAt = now();
    const { target, timeLimit } = this.#settings;
    if (sentAt - intended >= timeLimit) {
      this.#scores.neverSent(intended);
      return sentAt;
    }
    const request = this.#mix.draw();
    const sent = this.#scores.sent(intended, sentAt);
    const { error, fromSend } = await sendRequest(target, request, timeLimit);
    const time = now();
    if (error === 'not-sent') this.#scores.notSent(sent, time);
    else this.#scores.ended(sent, time, error, fromSend);
    if (this.#scores.inProgress === 0) this.#onDrained?.();
    return time;
  }

  async #sample(): Promise<void> {
    for (let sample = 1; !this.#isOver; sample++) {
      this.#scores.sample(now());
      await pause(sample * SAMPLE_EVERY - now());
    }
  }

  /** Reports until the load is over; stops it by order, or when it is not answered any more. */
  async #report(address: string, load: LoadModel): Promise<void> {
    let answeredAt = now();
    while (!this.#isOver) {
      const began = now();
      const orders = await report<Orders>(address, this.#scores.report(began));
      if (orders !== undefined) answeredAt = now();
      const cause = orders?.stop ? 'order' : now() - answeredAt > LONGEST_SILENCE ? 'silence' : undefined;
      if (cause && !this.#stoppedBy && !this.#isOver) {
        this.#stoppedBy = cause;
        this.#scores.stopped(now());
        load.stop();
      }
      if (!this.#isOver) await pause(began + REPORT_EVERY - now());
    }
  }

  async #handOver(address: string, outcome: SourceOutcome): Promise<void> {
    const last = { ...this.#scores.report(now()), outcome };
    for (let attempt = 1; attempt <= LAST_REPORT_ATTEMPTS; attempt++) {
      if ((await report(address, last)) !== undefined) return;
      await pause(attempt * REPORT_EVERY);
    }
    throw new Error(`source ${this.number} could not hand over what it measured: ${address} does not answer`);
  }
}
