import { existsSync } from 'node:fs';
import { open, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type RunSummary, readingAllowed } from '../../protocol.ts';
import { Refusal } from '../refusal.ts';

/** Only the latest are listed. */
const MOST_RUNS = 200;

/** Lists the runs of `compare` in a folder, the latest first. Rejects with a `Refusal` where it may not be read. */
export async function listRuns(folder: string): Promise<RunSummary[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (!isForbidden(error)) return [];
    const name = basename(folder);
    throw new Refusal(503, `The dashboard runs as another user, who may not read the folder ${name}. Allow it:`, {
      title: 'The runs cannot be read',
      command: readingAllowed(name),
    });
  });
  const runs = names.filter(isRunName).sort().reverse().slice(0, MOST_RUNS);
  const summaries: RunSummary[] = [];
  // One after the other, so that few files are open at once.
  for (const run of runs) summaries.push(...(await summarise(folder, run)));
  return summaries;
}

/** Reads a file of a run; `undefined` where it has none. */
export async function readRunFile(folder: string, run: string, file: string): Promise<Buffer | undefined> {
  return isRunName(run) ? readFile(join(folder, run, file)).catch(() => undefined) : undefined;
}

/** A name of a folder, never a path; `latest` is a link to a run that is listed. */
function isRunName(name: string): boolean {
  return /^[\w-][\w.-]*$/.test(name) && name !== 'latest';
}

const startedRun = z.object({ experiment: z.object({ name: z.string() }), runtime: z.string().optional() });
const comparedRun = z.object({ experiment: z.string(), runtime: z.string() });

/** Empty where nothing was measured. */
async function summarise(folder: string, name: string): Promise<RunSummary[]> {
  const run = join(folder, name);
  const trials = join(run, 'trials.jsonl');
  let writtenAt: Date;
  try {
    await using opened = await open(trials);
    writtenAt = (await opened.stat()).mtime;
  } catch (error) {
    if (!isForbidden(error)) return [];
    const unknown = { experiment: '', runtime: '', answers: [], report: false, model: false };
    return [{ name, readable: false, ...unknown, begun: beginOf(name) ?? '' }];
  }
  const read = (file: string) => readFile(join(run, file), 'utf8').catch(() => '');
  const compared = comparedRun.safeParse(parseJson(await read('comparison.json'))).data;
  const started = startedRun.safeParse(parseJson(await read('experiment.json'))).data;
  return [
    {
      name,
      readable: true,
      experiment: compared?.experiment ?? started?.experiment.name ?? '',
      runtime: compared?.runtime ?? started?.runtime ?? '',
      begun: beginOf(name) ?? writtenAt.toISOString(),
      answers: parseAnswers(await read('summary.md')),
      report: existsSync(join(run, 'report.html')),
      model: existsSync(join(run, 'model.json')),
    },
  ];
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES';
}

/** When a run began, from its name: `2026-11-27T090515-quick`. */
function beginOf(name: string): string | undefined {
  const [, date, hours, minutes, seconds] = /^(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)-/.exec(name) ?? [];
  return date === undefined ? undefined : `${date}T${hours}:${minutes}:${seconds}.000Z`;
}

/** The first list of a summary in Markdown has the answers. */
function parseAnswers(summary: string): string[] {
  const list = /(?:^- .*\n)+/m.exec(summary)?.[0] ?? '';
  const lines = list.split('\n').filter(line => line !== '');
  return lines.map(line => line.slice(2).replace(/\\([|<\\`])/g, '$1'));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
