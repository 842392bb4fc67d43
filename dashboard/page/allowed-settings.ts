import type { Settings } from '../protocol.ts';
import { limitSettings, type SharedMachine } from '../work.ts';

/** Arrivals per second at each deployment below which there is hardly anything to see. */
export const LOWEST_ARRIVAL_RATE = 5;

/** Moves settings within their limits, to values that the controls can show. */
export function allowedSettings(settings: Settings, machine: SharedMachine): Settings {
  const limited = limitSettings(settings, machine);
  const { load } = limited;
  if (load.model === 'closed')
    return { ...limited, load: { ...load, thinkTime: Math.round(load.thinkTime * 10) / 10 } };
  const arrivalRate = Math.round(Math.max(load.arrivalRate, LOWEST_ARRIVAL_RATE));
  return limitSettings({ ...limited, load: { model: 'open', arrivalRate } }, machine);
}
