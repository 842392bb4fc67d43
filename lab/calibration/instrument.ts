import type { Seconds } from '../../model/quantities.ts';
import type { LaunchK6 } from '../run/generator.ts';
import type { Path } from './calibration.ts';
import type { Stamps } from './stamps.ts';

/** What is calibrated: k6, and nginx in front of a server that knows its own delay. Nothing of it is left when it is disposed of. */
export interface Instrument extends AsyncDisposable {
  /** Base URL of the server by each way. */
  readonly targets: Readonly<Record<Path, string>>;
  readonly launch: LaunchK6;
  readonly server: StampingServer;
  /** CPU seconds so far of the k6 that was launched last, and of nginx. */
  cpu(): { readonly k6: Seconds; readonly nginx: Seconds };
}

/** A running server that knows its own delay. */
export interface StampingServer extends AsyncDisposable {
  readonly port: number;
  /** What it has stamped since it was asked last. */
  stamps(): Promise<Stamps>;
  /** Keeps the whole process from running, and its answers with it. */
  stop(): void;
  goOn(): void;
}
