/**
 * A live load: runs for ever and sends what its orders say, as of now: an open load, a closed load and bursts, at each of
 * its targets. It asks `ORDERS` several times a second, each time with a report of what it sent. Without an answer it
 * stops sending, and after a while k6 ends, to be started again: the network of its container may be gone.
 */
import exec from 'k6/execution';
import type { LiveOrders } from '../model/wire.ts';
import { LONGEST_SILENCE, now, pause, REPORT_EVERY, report, secondsSince1970 } from './lib/k6.ts';
import { LiveLoad } from './lib/live-load.ts';
import { LiveReports } from './lib/live-tally.ts';
import { liveSettings, sourceOptions } from './lib/settings.ts';

const TEN_YEARS = 10 * 365 * 24 * 3600;
/** Seconds without an answer after which k6 ends. */
const LONGEST_WAIT = 15;

const settings = liveSettings(__ENV);

/** By this user agent nginx knows the live load's requests. */
export const options = { ...sourceOptions({ sources: 1, timeLimit: 0 }, TEN_YEARS), userAgent: 'loadline-live' };

export default async function liveLoad(): Promise<void> {
  await pause(-now());
  const started = secondsSince1970();
  const load = new LiveLoad(settings.seed ?? started, started);
  const reports = new LiveReports({ source: exec.vu.idInTest, started });
  let answeredAt = now();
  // Beside the reports, one of which may hang for seconds.
  setInterval(() => {
    const silence = now() - answeredAt;
    if (silence >= LONGEST_SILENCE) load.rest();
    if (silence >= LONGEST_WAIT) {
      exec.test.abort(
        `${settings.orders} has given no orders for ${LONGEST_WAIT} s, so k6 ends: start it again, and see whether that runs`,
      );
    }
  }, REPORT_EVERY * 1000);
  for (;;) {
    const began = now();
    const orders = await report<LiveOrders>(settings.orders, reports.next(began, load.obeys, load.tallies));
    if (orders !== undefined) {
      answeredAt = now();
      reports.answered();
      load.obey(orders);
    }
    await pause(began + REPORT_EVERY - now());
  }
}
