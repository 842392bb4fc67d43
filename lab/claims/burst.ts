import type { Measurement } from '../../model/measurement.ts';
import { holdPerRequest } from '../search/saturation.ts';

/**
 * When the response in this place came, in service times: by the time that a connection is held for a request, which a
 * wait in the database fills. NaN when there were not so many responses.
 */
export function inServiceTimes(measurement: Measurement, place: number): number {
  const times = (measurement.responses ?? []).map(({ responseTime }) => responseTime).sort((a, b) => a - b);
  return (times[place - 1] ?? Number.NaN) / holdPerRequest(measurement);
}
