/**
 * A burst: so many requests at the same instant. It shows how a service works its way through a queue: a service that
 * serves four at a time answers in waves of four, an event loop that waits for all of them in a single wave.
 */
import type { BurstResponse } from '../model/wire.ts';
import { now } from './lib/k6.ts';
import { burstSettings, sourceOptions } from './lib/settings.ts';
import { drive } from './lib/source.ts';

const settings = burstSettings(__ENV);
export const options = sourceOptions(settings, 0);

export default async function burst(): Promise<void> {
  const told = await drive(settings, `burst of ${settings.burst} requests`, source => {
    /** In the order in which they came. */
    const responses: BurstResponse[] = [];
    async function send(request: number, instant: number): Promise<void> {
      const ended = await source.send(instant);
      responses.push({ request, responseTime: ended - instant });
    }
    return {
      responses,
      async run() {
        const instant = now();
        await Promise.all(Array.from({ length: settings.burst }, (_, index) => send(index + 1, instant)));
      },
      stop() {
        // Everything has been sent already.
      },
    };
  });
  if (told) console.log(told);
}
