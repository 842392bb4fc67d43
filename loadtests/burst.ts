/**
 * A burst: so many requests at the same instant, as when everybody opens the page that was just announced.
 *
 * It shows how a service works its way through a queue: one that answers four at a time answers in waves of four, one
 * that waits for all of them together answers in a single wave.
 */

import type { BurstResponse } from '../model/wire.ts';
import { now } from './lib/clock.ts';
import { burstSettings } from './lib/settings.ts';
import { type LoadModel, Source } from './lib/source.ts';
import { sourceOptions } from './lib/source-options.ts';
import { textOf } from './lib/summary.ts';
import { wavesText } from './lib/waves.ts';

const settings = burstSettings(__ENV);

export const options = sourceOptions(settings, 0);

export default async function burst(): Promise<void> {
  const load = new Burst();
  const outcome = await load.source.run(load);
  if (settings.orders !== undefined) return;
  console.log(textOf(settings, `burst of ${settings.burst} requests`, outcome));
  if (!settings.json) console.log(wavesText(load.responses));
}

class Burst implements LoadModel {
  readonly source = new Source(settings);
  /** In the order in which they came. */
  readonly responses: BurstResponse[] = [];

  async run(): Promise<void> {
    const instant = now();
    const requests = Array.from({ length: settings.burst }, (_, index) => this.#send(index + 1, instant));
    await Promise.all(requests);
  }

  stop(): void {
    // Everything has been sent already.
  }

  async #send(request: number, instant: number): Promise<void> {
    const ended = await this.source.send(instant);
    this.responses.push({ request, responseTime: ended - instant });
  }
}
