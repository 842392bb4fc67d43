import { quantile } from '../../model/histogram.ts';
import type { Seconds } from '../../model/quantities.ts';
import { intendedIn } from './arrivals.ts';
import type { Stall } from './calibration.ts';
import { type Drive, driveAt } from './drive.ts';
import type { Instrument } from './instrument.ts';

/** How long the server is stopped, and when. */
const STOPPED: Seconds = 1.4;
const STOPPED_AT: Seconds = 3;
const phases = { warmUp: 1, steadyState: 7, timeLimit: 5 };
/** How long the measurement takes, nearly. */
export const STALL_LENGTH: Seconds = phases.warmUp + phases.steadyState + 0.7;

/** Stops the server in the middle of a load: everyone who arrives meanwhile has to be seen to wait. */
export async function measureStall(instrument: Instrument, seed: number, signal: AbortSignal): Promise<Stall> {
  let stopped: { at: number; for: Seconds } | undefined;
  const drive: Drive = {
    ...{ path: 'bare', arrivalRate: 200, phases, seed },
    onTime(time) {
      if (stopped || time < STOPPED_AT) return;
      const at = performance.now();
      stopped = { at, for: STOPPED };
      instrument.server.stop();
      const goOn = () => {
        instrument.server.goOn();
        stopped = { at, for: (performance.now() - at) / 1000 };
      };
      setTimeout(goOn, STOPPED * 1000);
    },
  };
  const { outcome } = await driveAt(instrument, drive, signal);
  return {
    stopped: stopped?.for ?? 0,
    due: intendedIn(drive).length,
    sent: outcome.sent,
    neverSent: outcome.neverSent,
    failed: Object.values(outcome.errors).reduce((sum, count) => sum + count, 0),
    p50: quantile(outcome.responseTime, 0.5),
    p99: quantile(outcome.responseTime, 0.99),
  };
}
