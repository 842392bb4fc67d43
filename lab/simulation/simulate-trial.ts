import type { Trial } from '../../model/experiment.ts';
import type { Measurement } from '../../model/measurement.ts';
import type { Fraction, Seconds } from '../../model/quantities.ts';
import type { SimulatedProgress } from './client.ts';
import { measurementOf } from './measurement.ts';
import type { ServiceModel } from './service-model.ts';
import { Simulation } from './simulation.ts';

export interface SimulationOptions {
  /** Cores of the machine. */
  readonly cpus: number;
  /** The objective's response time: one edge of the histograms lies there. */
  readonly objective: Seconds;
  /** How many times as long as in the model everything takes; 1 unless it is set. */
  readonly slowness?: Fraction;
  /** Called every quarter of a simulated second; the load stops when it answers `'stop'`. */
  readonly onProgress?: (progress: SimulatedProgress) => 'go-on' | 'stop';
  /** Called with every response time, scored or not, in the order in which responses come. */
  readonly onResponse?: (responseTime: Seconds) => void;
  /** How open arrivals come; Poisson unless it is set. */
  readonly arrivals?: 'poisson' | 'even';
}

/** What a simulated trial gives: what was measured, and how long it took on its own clock, with its drain. */
export interface SimulatedTrial {
  readonly measurement: Measurement;
  readonly elapsed: Seconds;
}

/** Simulates a trial, event by event; the same trial gives the same measurement. */
export function simulateTrial(trial: Trial, model: ServiceModel, options: SimulationOptions): SimulatedTrial {
  const simulation = new Simulation(trial, model, options);
  simulation.run();
  const { steadyFrom } = simulation.warmUp;
  const isLasting = trial.load.model !== 'burst' && steadyFrom !== undefined;
  const measurement = { ...measurementOf(simulation, trial, model, options), ...(isLasting && { steadyFrom }) };
  return { measurement, elapsed: simulation.now };
}
