import { join } from 'node:path';
import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { renderComparison, renderSummary } from '../report/comparison-text.ts';
import { renderCsv } from '../report/csv.ts';
import { renderFiles } from '../report/files.ts';
import { renderReport } from '../report/html/page.ts';
import { renderJunit } from '../report/junit.ts';
import { fitRunModel } from '../report/model.ts';
import { buildReport, type Report } from '../report/report.ts';
import { writeWhole } from '../run/run-folder.ts';
import { readTrials } from '../run/trials-file.ts';
import { type CommandContext, findRun } from './context.ts';

/** What `--format` prints. */
const formats: Readonly<Record<string, (report: Report) => string>> = {
  table: report => renderComparison(report, process.stdout.columns),
  markdown: renderSummary,
  json: ({ comparison }) => JSON.stringify(comparison),
  html: report => renderReport(report),
  csv: renderCsv,
  junit: renderJunit,
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
        const report = buildReport(readTrials(trials));
        const model = fitRunModel(report);
        for (const [name, text] of Object.entries(renderFiles(report, model))) {
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
      context.print(printed(buildReport(readTrials(trials))).trimEnd());
    });
}
