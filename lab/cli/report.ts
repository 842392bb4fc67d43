import { join } from 'node:path';
import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { csvOf } from '../report/csv.ts';
import { filesOf } from '../report/files.ts';
import { renderReport } from '../report/html/page.ts';
import { junitOf } from '../report/junit.ts';
import { modelOf } from '../report/model.ts';
import { type Report, reportOf } from '../report/report.ts';
import { summaryOf } from '../report/summary.ts';
import { tableOf } from '../report/table.ts';
import { readTrials } from '../run/trials-file.ts';
import { writeWhole } from '../run/write-whole.ts';
import type { CommandContext } from './context.ts';
import { findRun } from './find-run.ts';

/** What `--format` prints. */
const formats: Readonly<Record<string, (report: Report) => string>> = {
  table: ({ comparison }) => tableOf(comparison),
  markdown: ({ comparison }) => summaryOf(comparison),
  json: ({ comparison }) => JSON.stringify(comparison),
  html: report => renderReport(report),
  csv: csvOf,
  junit: junitOf,
};

/** `loadline report`: makes the files of a run again from its trials, or prints one of them in another form. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('report')
    .description('make the report of a run again, from its trials.jsonl alone')
    .argument('[run]', 'a folder, a trials.jsonl, or a name in runs/', 'latest')
    .option('--format <format>', `print ${Object.keys(formats).join(', ')} instead of writing files`)
    .action((named: string, { format }: { format?: string }) => {
      const { folder, trials } = findRun(named, context.root);
      if (format === undefined) {
        const report = reportOf(readTrials(trials));
        const model = modelOf(report);
        for (const [name, text] of Object.entries(filesOf(report, model))) {
          writeWhole(join(folder, name), text, 'The report');
          context.print(join(folder, name));
        }
        if (model.state === 'none') context.say(`There is no model.json: ${model.reason}.`);
        return;
      }
      const printed = Object.hasOwn(formats, format) ? formats[format] : undefined;
      if (printed === undefined) {
        throw new LoadlineError('usage', `--format is ${format}; it can be ${Object.keys(formats).join(', ')}.`);
      }
      context.print(printed(reportOf(readTrials(trials))).trimEnd());
    });
}
