import { writeSync } from 'node:fs';

/** From the fewest lines to the most. */
export const logLevels = ['error', 'info'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Writes one line of JSON to stderr about an event of a process or a worker; requests are not logged. */
export type Log = (level: LogLevel, event: string, details?: Readonly<Record<string, unknown>>) => void;

/** The log of a process or worker of that name, up to that level. */
export function createLog(name: string, upTo: LogLevel): Log {
  return (level, event, details = {}) => {
    if (logLevels.indexOf(level) > logLevels.indexOf(upTo)) return;
    const line = JSON.stringify({ time: new Date().toISOString(), level, name, event, ...details });
    try {
      // Straight to the file: a worker thread's own stderr goes through the main thread and is lost when it dies.
      writeSync(2, `${line}\n`);
    } catch {
      // Nobody reads the log any more; the service goes on.
    }
  };
}
