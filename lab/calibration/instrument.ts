import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Phases } from '../../model/experiment.ts';
import type { PerSecond, Seconds } from '../../model/quantities.ts';
import { driveWithK6, type LaunchK6, type LoadOutcome } from '../run/generator.ts';
import type { Path } from './calibration.ts';

/** What is calibrated: k6, and nginx in front of a server that knows its own delay. */
export interface Instrument extends AsyncDisposable {
  /** Base URL of the server by each way. */
  readonly targets: Readonly<Record<Path, string>>;
  readonly launch: LaunchK6;
  readonly server: StampingServer;
  /** CPU seconds so far of the k6 that was launched last, and of nginx. */
  cpu(): { readonly k6: Seconds; readonly nginx: Seconds };
}

/** A running server that knows its own delay. */
interface StampingServer extends AsyncDisposable {
  readonly port: number;
  /** Since the last call. */
  stamps(): Promise<Stamps>;
  /** Stops the whole process, and its answers with it. */
  stop(): void;
  goOn(): void;
}

/** What the stamping server knows of the requests that it has answered, in the order of its answers. */
export interface Stamps {
  /** When each came, on the machine's clock. */
  readonly received: readonly Seconds[];
  /** From then until its answer was handed over. */
  readonly delay: readonly Seconds[];
}

/** Starts the stamping server on a free port of the loopback address; its delays are drawn from `seed`. */
export async function startStampingServer(
  seed: number,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<StampingServer> {
  signal.throwIfAborted();
  const child = fork(fileURLToPath(new URL('stamping-server.ts', import.meta.url)), {
    // A separate process group: Ctrl-C in a terminal goes to the lab, which then ends it.
    detached: true,
    execArgv: [],
    env: { ...environment, SEED: String(seed) },
    serialization: 'advanced',
  });
  const ended = once(child, 'exit');
  const end = async () => {
    // Kills a stopped process as well.
    child.kill('SIGKILL');
    await ended;
  };
  try {
    const [port] = await Promise.race([once(child, 'message', { signal }), ended]);
    return {
      port: Number(port),
      async stamps() {
        const told = once(child, 'message', { signal });
        child.send('tell');
        return (await told)[0] as Stamps;
      },
      stop: () => void child.kill('SIGSTOP'),
      goOn: () => void child.kill('SIGCONT'),
      [Symbol.asyncDispose]: end,
    };
  } catch (error) {
    await end();
    throw error;
  }
}

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
  /** CPU seconds per request after the warm-up. */
  readonly cpuPerRequest: { readonly k6: Seconds; readonly nginx: Seconds };
}

/** As many as in every trial; each draws its own arrivals. */
export const SOURCES = 2;
export const OBJECTIVE: Seconds = 0.25;

/** Drives a load with the k6 that is calibrated, and collects the server's stamps. */
export async function driveAt(instrument: Instrument, drive: Drive, signal: AbortSignal): Promise<Driven> {
  const { path, arrivalRate, phases, seed, onTime } = drive;
  // Drops the stamps of earlier loads.
  await instrument.server.stamps();
  const readings: { sent: number; k6: Seconds; nginx: Seconds }[] = [];
  const outcome = await driveWithK6(
    {
      ...{ target: instrument.targets[path], phases, seed, objective: OBJECTIVE, sources: SOURCES },
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
  const stamps = await instrument.server.stamps();
  return { outcome, stamps, cpuPerRequest: { k6: perRequest('k6'), nginx: perRequest('nginx') } };
}
