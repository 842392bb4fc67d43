import exec from 'k6/execution';
import http from 'k6/http';
import type { WeightedRequest } from '../../model/wire.ts';
import { describeAnswer, describeFailure, type Ending } from './requests.ts';

/** Seconds between two reports. */
export const REPORT_EVERY = 0.25;
/** Seconds without an answer after which a load stops: its control may have gone. */
export const LONGEST_SILENCE = 5;

/** Seconds that a report may take. */
const REPORT_TIMEOUT = 2;
/** Seconds from k6's start to the load's: by then every source is awake, so that they can share one zero. */
const HEAD_START = 0.1;
/** k6 makes a new one each time that it is asked, which takes ten times as long as to ask what it shows. */
let instance: typeof exec.instance | undefined;

/** Seconds since the load began, the same for all sources and with fractions of milliseconds, which `Date.now()` lacks. */
export function now(): number {
  instance ??= exec.instance;
  return instance.currentTestRunDuration / 1000 - HEAD_START;
}

/** Waits for so many seconds; k6 rounds up to its next millisecond. */
export function pause(seconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, Math.max(0, seconds) * 1000));
}

/** Seconds since 1970, in whole milliseconds: the time that other programs write into their logs. */
export function secondsSince1970(): number {
  return Date.now() / 1000;
}

/** Posts a report to the control of a load; its orders, or nothing where it does not answer. */
export async function report<Orders>(address: string, told: unknown): Promise<Orders | undefined> {
  try {
    const response = await http.asyncRequest('POST', address, JSON.stringify(told), {
      headers: { 'Content-Type': 'application/json' },
      responseType: 'text',
      timeout: REPORT_TIMEOUT * 1000,
    });
    return response.status === 200 ? (JSON.parse(String(response.body)) as Orders) : undefined;
  } catch {
    return undefined;
  }
}

/** Sends a request to the service at `target` and waits at most `timeLimit` seconds for its answer; how that ended. */
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
    return describeAnswer(response.status, (blocked + duration) / 1000);
  } catch (error) {
    return describeFailure(String(error), now() - sentAt, timeLimit);
  }
}
