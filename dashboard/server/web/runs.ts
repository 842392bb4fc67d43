import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { type RunSummary, readingAllowed } from '../../protocol.ts';
import { Refusal } from '../parts.ts';

/** More are not listed. */
const MOST_RUNS = 200;
const REPORT = 'report.html';
const MODEL = 'model.json';
/** Bytes of a file that is served: a report has its charts in it. */
const LARGEST = { [REPORT]: 32e6, [MODEL]: 1e6 } as const;
type Served = keyof typeof LARGEST;

/** The runs of `compare` in a folder, the latest first. Rejects with a `Refusal` where the folder may not be read. */
export async function listRuns(folder: string): Promise<RunSummary[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (!isForbidden(error)) return [];
    const command = readingAllowed(basename(folder));
    throw new Refusal(
      503,
      `The dashboard runs as another user, who may not read the folder ${basename(folder)}. Allow it:`,
      {
        title: 'The runs cannot be read',
        command,
      },
    );
  });
  const runs = names.filter(isRunName).sort().reverse().slice(0, MOST_RUNS);
  const summaries: RunSummary[] = [];
  // One after the other: of many at once some would find no file left that may be open.
  for (const name of runs) {
    const summary = await summaryOf(folder, name);
    if (summary !== undefined) summaries.push(summary);
  }
  return summaries;
}

/** The report of a run in a folder; `undefined` where there is none, or it lies elsewhere. */
export function reportOf(folder: string, name: string): Promise<string | undefined> {
  return ownFile(folder, name, REPORT);
}

/** What the planner has fitted to a run, as JSON; `undefined` where there is none, it lies elsewhere, or is too large. */
export function modelOf(folder: string, name: string): Promise<string | undefined> {
  return ownFile(folder, name, MODEL);
}

async function ownFile(folder: string, name: string, file: Served): Promise<string | undefined> {
  await using opened = await openOwn(folder, name, file);
  return opened?.readFile('utf8').catch(() => undefined);
}

/** Whether the file would be served. */
async function hasOwn(folder: string, name: string, file: Served): Promise<boolean> {
  await using opened = await openOwn(folder, name, file);
  return opened !== undefined;
}

/** A file of the run's own folder, not one that a link leads to, and not too large; whoever opens it closes it. */
async function openOwn(folder: string, name: string, file: Served): Promise<FileHandle | undefined> {
  if (!isRunName(name)) return undefined;
  const path = join(folder, name, file);
  let opened: FileHandle | undefined;
  try {
    if ((await realpath(path)) !== join(await realpath(folder), name, file)) return undefined;
    // What is looked at is what is read; and a pipe keeps nobody waiting.
    opened = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const found = await opened.stat();
    if (found.isFile() && found.size <= LARGEST[file]) return opened;
  } catch {
    // It is not there, or nobody may read it.
  }
  await opened?.close();
  return undefined;
}

/** A folder's own name, and no way to another; `latest` is a link to one that is listed. */
function isRunName(name: string): boolean {
  return /^[\w-][\w.-]*$/.test(name) && name !== 'latest';
}

const asked = z.object({ experiment: z.object({ name: z.string() }), runtime: z.string().optional() });
const compared = z.object({ experiment: z.string(), runtime: z.string() });

async function summaryOf(folder: string, name: string): Promise<RunSummary | undefined> {
  const run = join(folder, name);
  const path = join(run, 'trials.jsonl');
  const readable = await mayRead(path);
  if (!readable) {
    const unknown = { experiment: '', runtime: '', answers: [], report: false, model: false };
    return { name, readable, ...unknown, begun: begunAt(name) ?? '' };
  }
  const trials = await timeOf(path);
  if (trials === undefined) return undefined;
  const [report, model] = await Promise.all([hasOwn(folder, name, REPORT), hasOwn(folder, name, MODEL)]);
  const [comparison, experiment, summary] = await Promise.all(
    ['comparison.json', 'experiment.json', 'summary.md'].map(file => readFile(join(run, file), 'utf8').catch(() => '')),
  );
  const made = compared.safeParse(jsonIn(comparison)).data;
  const begun = asked.safeParse(jsonIn(experiment)).data;
  return {
    name,
    readable,
    experiment: made?.experiment ?? begun?.experiment.name ?? '',
    runtime: made?.runtime ?? begun?.runtime ?? '',
    begun: begunAt(name) ?? trials,
    answers: answersIn(summary ?? ''),
    report,
    model,
  };
}

/** When the file was last written, if it is there. */
async function timeOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.mtime.toISOString() : undefined;
}

/** Whether nothing keeps this user from reading a file, which need not be there. */
async function mayRead(path: string): Promise<boolean> {
  try {
    await using _file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return true;
  } catch (error) {
    return !isForbidden(error);
  }
}

function isForbidden(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EACCES';
}

/** A run's name begins with when it did: `2026-11-27T090515-quick`. */
function begunAt(name: string): string | undefined {
  const [, date, hours, minutes, seconds] = /^(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)(\d\d)-/.exec(name) ?? [];
  return date === undefined ? undefined : `${date}T${hours}:${minutes}:${seconds}.000Z`;
}

/** The first list of a summary is its answers, in Markdown. */
function answersIn(summary: string): string[] {
  const list = /(?:^- .*\n)+/m.exec(summary)?.[0] ?? '';
  return list
    .split('\n')
    .filter(line => line !== '')
    .map(line => line.slice(2).replace(/\\([|<\\`])/g, '$1'));
}

function jsonIn(text = ''): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
