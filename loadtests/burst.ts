/**
 * A burst: so many requests at the same instant. It shows how a service works its way through a queue: a service that
 * serves four at a time answers in waves of four, an event loop that waits for all of them in a single wave.
 */

import type { BurstResponse } from '../model/wire.ts';
import { now } from './lib/k6.ts';
import { burstSettings, sourceOptions } from './lib/settings.ts';
import { type LoadModel, Source } from './lib/source.ts';
import { textOf, wavesText } from './lib/summary.ts';

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
