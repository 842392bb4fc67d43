import http from 'k6/http';
import type { WeightedRequest } from '../../model/wire.ts';
import { now } from './clock.ts';
import { answered, type Ending, unanswered } from './ending.ts';

/** Sends a request to the service at `target` and waits for its answer, for so many seconds at most; how that ended. */
export async function sendRequest(
  target: string,
  { method, path, body }: WeightedRequest,
  timeLimit: number,
  headers: Record<string, string> = {},
): Promise<Ending> {
  const sentAt = now();
  try {
    const response = await http.asyncRequest(method, target + path, body ?? null, {
      timeout: timeLimit * 1000,
      headers: body === undefined ? headers : { ...headers, 'Content-Type': 'application/json' },
    });
    const { blocked, duration } = response.timings;
    return answered(response.status, (blocked + duration) / 1000);
  } catch (error) {
    return unanswered(String(error), now() - sentAt, timeLimit);
  }
}
