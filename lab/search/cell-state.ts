import type { Cell, Experiment } from '../../model/experiment.ts';
import type { TrialResult } from '../../model/measurement.ts';
import type { PerSecond } from '../../model/quantities.ts';
import { buildLoadCurve, isSpoiled, type LoadPoint, listSpoiledLoads, selectResults } from './load-curve.ts';
import { computePosterior, type Posterior } from './posterior.ts';
import { type LightLook, readLightLook } from './saturation.ts';
import { isGeneratorsLimit, type ReadPoint, saturationReading, spoiledReading } from './saturation-reading.ts';
import { lightLoad } from './trial-plan.ts';

interface Trials {
  readonly cell: Cell;
  readonly experiment: Experiment;
  /** Its results, in their own order. */
  readonly own: readonly TrialResult[];
  /** Its completed loads, by arrival rate. */
  readonly curve: readonly LoadPoint[];
  /** Loads that the generator could not offer. */
  readonly spoiled: readonly LoadPoint[];
}

/** A cell that has had its light look, and what its trials say of its capacity. */
export interface KnownCell extends Trials {
  readonly curve: readonly ReadPoint[];
  readonly spoiled: readonly ReadPoint[];
  readonly light: LightLook;
  readonly posterior: Posterior;
}

/** What the trials of a cell say so far. */
export type CellState = KnownCell | (Trials & { readonly light?: never; readonly posterior?: never });

/** Reads the state of a cell from the results of a run; other cells' results are passed over. */
export function readCell(cell: Cell, results: readonly TrialResult[], experiment: Experiment): CellState {
  const own = selectResults(cell, results);
  const curve = buildLoadCurve(cell, own, experiment.objective);
  const spoiled = listSpoiledLoads(cell, own, experiment.objective);
  const light = readLightLook(own, experiment);
  const trials = { cell, experiment, own };
  if (light === undefined) return { ...trials, curve, spoiled };
  const read = {
    curve: curve.map(point => ({ ...point, reading: saturationReading(point, experiment, light) })),
    spoiled: spoiled.map(point => ({ ...point, reading: spoiledReading(point, experiment, light) })),
  };
  return { ...trials, ...read, light, posterior: computePosterior(light, read.curve, read.spoiled, experiment) };
}

/** A trial that failed, or that the machine disturbed, is repeated twice at most. */
const MOST_ATTEMPTS = 3;
/** The search of a cell ends after this many trials in a row that the generator spoiled. */
const MOST_SPOILED = 4;
/** Missed loads after which a cell that has carried nothing is taken to carry nothing. */
const MOST_MISSES = 5;

/** Whether the search of a cell ends because its last trials came to nothing. */
export function isGivenUp({ own }: Pick<CellState, 'own'>): boolean {
  const completed = own.findLastIndex(({ state }) => state === 'completed');
  const inVain = own.slice(completed + 1);
  const spoiled = inVain.filter(isSpoiledLoad).length;
  return inVain.length - spoiled >= MOST_ATTEMPTS || spoiled >= MOST_SPOILED || answersNothing({ own });
}

/** Whether no light look of a cell got a single answer. */
export function answersNothing({ own }: Pick<CellState, 'own'>): boolean {
  const looks = own.flatMap(result =>
    result.state === 'completed' && result.trial.purpose === 'light' ? [result.measurement] : [],
  );
  return looks.length >= MOST_ATTEMPTS && looks.every(look => look.responseTimeFromSend.count === 0);
}

/** Whether the cell has missed so many loads, and carried none, that it is taken to carry nothing. */
export function isHopeless({ curve }: Pick<CellState, 'curve'>): boolean {
  return curve.length >= MOST_MISSES && curve.every(({ verdict }) => !verdict.met);
}

/** Standard deviation below which a reading counts as having seen the saturation. */
const SEEN = 0.15;
/** Distance from saturation, in ln μ, below which a carried load counts as having seen it. */
const NEARLY = 0.2;

/** Whether a reading shows where the saturation is. */
export function isSharp({ reading }: ReadPoint): boolean {
  return reading !== undefined && reading.error < SEEN;
}

/** Whether a trial that the generator spoiled reached saturation all the same. */
export function isSaturationSeen({ spoiled }: Pick<KnownCell, 'spoiled'>): boolean {
  return spoiled.some(isSharp);
}

/** Whether the highest carried load was so close to saturation that it shows where that is. */
export function isNearSaturation({ curve, experiment }: KnownCell): boolean {
  const highest = curve.at(-1);
  if (highest?.reading === undefined || isGeneratorsLimit(highest.measurement, experiment.cpus)) return false;
  return isSharp(highest) && highest.reading.logSaturation - Math.log(highest.measurement.throughput) < NEARLY;
}

/** Loads whose ratio is less than this count as the same. */
const CLOSE = 1.1;

/**
 * Limits a wanted load: if the generator could not offer nearly so much, to a load between the highest that it did offer
 * and the lowest that it did not. `undefined`: the two are too close for another load.
 */
export function limitToOffered(wanted: PerSecond, state: CellState): PerSecond | undefined {
  const ceiling = findCeiling(state);
  if (CLOSE * wanted < ceiling) return wanted;
  const offered = state.own.flatMap(result => (result.state === 'completed' ? openLoad(result) : []));
  const floor = Math.max(lowestLoad(state), ...offered.filter(load => load < ceiling));
  // A pause may have spoiled a load that is far below what the generator can offer.
  return ceiling > CLOSE * floor ? Math.max(Math.sqrt(floor * ceiling), ceiling / 2) : undefined;
}

/**
 * The lowest load that the generator could not offer; infinite if there is none. A load that it failed to offer once does
 * not count if it has offered nearly as much since.
 */
export function findCeiling({ own }: Pick<CellState, 'own'>): PerSecond {
  const spoiled = own.flatMap((result, index) =>
    isSpoiledLoad(result) ? openLoad(result).map(load => ({ load, index })) : [],
  );
  const counts = spoiled.filter(({ load, index }) => {
    const often = spoiled.filter(other => Math.max(load, other.load) < CLOSE * Math.min(load, other.load)).length;
    const since = own.slice(index + 1).flatMap(later => (later.state === 'completed' ? openLoad(later) : []));
    return often > 1 || since.every(offered => CLOSE * offered < load);
  });
  return Math.min(...counts.map(({ load }) => load));
}

/** What the light look at a cell offers. */
export function lowestLoad({ cell, own }: Pick<CellState, 'cell' | 'own'>): PerSecond {
  if (!cell.deployment.hidden) return lightLoad(cell);
  const looks = own.flatMap(result =>
    result.state === 'completed' && result.trial.purpose === 'light' ? [result.measurement.throughput] : [],
  );
  return Math.max(0, ...looks);
}

/** Whether the generator spoiled a trial that is no light look. */
export function isSpoiledLoad(result: TrialResult): boolean {
  return isSpoiled(result) && result.trial.purpose !== 'light';
}

function openLoad({ trial: { load } }: TrialResult): PerSecond[] {
  return load.model === 'open' ? [load.arrivalRate] : [];
}
