/**
 * A live load: runs for ever and sends what it is told to send, as of now: an open load, a closed load and bursts, at
 * each of the targets that it is told of.
 *
 * It asks `ORDERS` several times a second, each time with a report of what it sent, so that whoever answers can change
 * the load while it runs. When nobody answers it stops sending, goes on asking, and at last ends, so that whoever
 * started it starts it again: its network may have gone with the container that it belonged to.
 */
import exec from 'k6/execution';
import type { LiveOrders, LiveReport } from '../model/wire.ts';
import { now, pause, secondsSince1970 } from './lib/clock.ts';
import { Control, LONGEST_SILENCE, REPORT_EVERY } from './lib/control.ts';
import { LiveLoad } from './lib/live-load.ts';
import { LiveReports } from './lib/live-reports.ts';
import { liveSettings } from './lib/settings.ts';
import { sourceOptions } from './lib/source-options.ts';

const TEN_YEARS = 10 * 365 * 24 * 3600;
/** Seconds without a word after which k6 ends. */
const LONGEST_WAIT = 15;

const settings = liveSettings(__ENV);

/** By its name nginx knows the live load's requests from everybody else's. */
export const options = { ...sourceOptions({ sources: 1, timeLimit: 0 }, TEN_YEARS), userAgent: 'loadline-live' };

export default async function liveLoad(): Promise<void> {
  await pause(-now());
  const started = secondsSince1970();
  const load = new LiveLoad(settings.seed ?? started, started);
  const reports = new LiveReports({ source: exec.vu.idInTest, started });
  const control = new Control<LiveReport, LiveOrders>(settings.orders);
  let heard = now();
  // Beside the questions, one of which may hang for seconds.
  setInterval(() => {
    const silence = now() - heard;
    if (silence >= LONGEST_SILENCE) load.rest();
    if (silence >= LONGEST_WAIT) {
      exec.test.abort(
        `${settings.orders} has given no orders for ${LONGEST_WAIT} s, so k6 ends: start it again, and see whether that runs`,
      );
    }
  }, REPORT_EVERY * 1000);
  for (;;) {
    const began = now();
    const orders = await control.tell(reports.next(began, load.obeys, load.tallies));
    if (orders !== undefined) {
      heard = now();
      reports.answered();
      load.obey(orders);
    }
    await pause(began + REPORT_EVERY - now());
  }
}
