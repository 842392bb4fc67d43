import type { Phases } from '../../model/experiment.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { driveWithK6, type LoadOutcome } from '../run/generator.ts';

import type { Path } from './calibration.ts';
import type { Instrument } from './instrument.ts';
import type { Stamps } from './stamps.ts';

/** An open load on the stamping server. */
export interface Drive {
  readonly path: Path;
  readonly arrivalRate: PerSecond;
  readonly phases: Phases;
  readonly seed: number;
  /** Called several times a second with the seconds since the load began. */
  readonly onTime?: (time: Seconds) => void;
}

/** What both ends of a load know of it. */
export interface Driven {
  readonly outcome: LoadOutcome;
  readonly stamps: Stamps;
  /** CPU seconds per request, from the end of the warm-up on. */
  readonly cpuPerRequest: { readonly k6: Seconds; readonly nginx: Seconds };
}

/** As many as in every trial; each draws arrivals of its own. */
export const SOURCES = 2;
export const OBJECTIVE: Seconds = 0.25;

/** Drives a load with the k6 that is calibrated, and collects what the server stamped meanwhile. */
export async function driveAt(instrument: Instrument, drive: Drive, signal: AbortSignal): Promise<Driven> {
  const { path, arrivalRate, phases, seed, onTime } = drive;
  const target = instrument.targets[path];
  // What was stamped before belongs to nobody.
  await instrument.server.stamps();
  const readings: { sent: number; k6: Seconds; nginx: Seconds }[] = [];
  const outcome = await driveWithK6(
    {
      ...{ target, phases, seed, objective: OBJECTIVE, sources: SOURCES },
      requests: [{ weight: 1, method: 'GET', path: '/' }],
      load: { model: 'open', arrivalRate },
    },
    {
      launch: instrument.launch,
      signal,
      onReport: ({ time, sent }) => {
        onTime?.(time);
        if (time >= phases.warmUp && time < phases.warmUp + phases.steadyState)
          readings.push({ sent, ...instrument.cpu() });
        return 'go-on';
      },
    },
  );
  const [first, last] = [readings[0], readings.at(-1)];
  const perRequest = (of: 'k6' | 'nginx') =>
    first && last ? (last[of] - first[of]) / (last.sent - first.sent) : Number.NaN;
  return {
    outcome,
    stamps: await instrument.server.stamps(),
    cpuPerRequest: { k6: perRequest('k6'), nginx: perRequest('nginx') },
  };
}
