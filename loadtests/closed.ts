/**
 * A closed load: each user sends a request, waits for the answer, thinks, and sends the next. Unlike the clients of an
 * open load, the users of a slow service slow down, so they cannot overload it for long. As in `open.ts` the virtual
 * users are sources; each carries its share of the users as tasks.
 */
import { createRandom } from '../model/random.ts';
import { now } from './lib/k6.ts';
import { closedSettings, sourceOptions } from './lib/settings.ts';
import { drive } from './lib/source.ts';
import { Users } from './lib/users.ts';

const settings = closedSettings(__ENV);
const { sources, thinkTime } = settings;
const end = settings.warmUp + settings.steadyState;
export const options = sourceOptions(settings, end);

export default async function closedLoad(): Promise<void> {
  const title = `closed load, ${settings.users} users who think for ${thinkTime} s`;
  const told = await drive(settings, title, source => {
    const random = createRandom(settings.seed, source.number, 'think-times');
    const users = new Users(random, intended => source.send(intended), now);
    const share = Math.floor((settings.users + sources - source.number) / sources);
    let onStop: (() => void) | undefined;
    function stop(): void {
      users.change(0, thinkTime);
      onStop?.();
    }
    return {
      stop,
      async run() {
        users.change(share, thinkTime);
        const timer = setTimeout(stop, (end - now()) * 1000);
        await new Promise<void>(resolve => {
          onStop = resolve;
        });
        clearTimeout(timer);
      },
    };
  });
  if (told) console.log(told);
}
