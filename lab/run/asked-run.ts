import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { LoadlineError } from '../../model/errors.ts';
import type { Experiment } from '../../model/experiment.ts';
import type { ServiceModel } from '../simulation/service-model.ts';
import { askedFile } from './result-schema.ts';
import type { RunFolder } from './run-folder.ts';
import type { Runtime } from './runtime.ts';
import { readTrials, type TrialsRecord } from './trials-file.ts';
import { jsonText, readHeader, SCHEMA } from './trials-line.ts';

/** What a run is asked to do, and what it has done of it. */
export interface AskedRun {
  readonly experiment: Experiment;
  readonly runtime: Runtime['name'];
  /** What a simulation simulates; absent: it measures. */
  readonly service?: ServiceModel;
  /** Absent: it ended before its first trial began. */
  readonly before?: TrialsRecord;
}

/** Notes what is asked for, so that a run can be resumed that is killed before its trials file has a header. */
export function writeAsked({ asked }: RunFolder, { experiment, runtime, service }: AskedRun): void {
  const text = jsonText({ schema: SCHEMA, experiment, runtime, ...(service && { service }) });
  writeFileSync(`${asked}.new`, `${text}\n`);
  renameSync(`${asked}.new`, asked);
}

/** What a run that is to be resumed was asked, and what it has done; a header that was cut in half is removed. */
export function readAskedRun({ path, asked, trials }: RunFolder): AskedRun {
  if (hasHeader(trials)) {
    const before = readTrials(trials);
    return { experiment: before.experiment, runtime: before.runtime, before };
  }
  rmSync(trials, { force: true });
  if (existsSync(asked)) {
    const text = readFileSync(asked, 'utf8');
    return readHeader<AskedRun>(text, askedFile, asked);
  }
  throw new LoadlineError(
    'results-unreadable',
    `${path} says neither what was measured nor what was to be: there is nothing to resume, measure anew.`,
  );
}

function hasHeader(trials: string): boolean {
  return existsSync(trials) && readFileSync(trials).includes('\n');
}
