import { renderReport } from './html/page.ts';
import { modelOf } from './model.ts';
import type { Report } from './report.ts';
import { summaryOf } from './summary.ts';

/** `model.json` is there when there was something to fit a model to; `modelOf` says why it is not. */
type RunFiles = Record<'comparison.json' | 'summary.md' | 'report.html', string> & { 'model.json'?: string };

/** The files of a run's folder that are made from its report, by name: the same trials give the same bytes. */
export function filesOf(report: Report, model = modelOf(report)): RunFiles {
  return {
    'comparison.json': json(report.comparison),
    'summary.md': summaryOf(report.comparison),
    'report.html': renderReport(report, model),
    ...(model.state === 'fitted' && { 'model.json': json(model.fitted) }),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
