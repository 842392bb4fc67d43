import { renderSummary } from './comparison-text.ts';
import { renderReport } from './html/page.ts';
import { fitRunModel } from './model.ts';
import type { Report } from './report.ts';

/** `model.json` is absent where nothing can be fitted; `fitRunModel` says why. */
type RunFiles = Record<'comparison.json' | 'summary.md' | 'report.html', string> & { 'model.json'?: string };

/** Renders the files of a run's folder, by name: the same trials give the same bytes. */
export function renderFiles(report: Report, model = fitRunModel(report)): RunFiles {
  return {
    'comparison.json': json(report.comparison),
    'summary.md': renderSummary(report),
    'report.html': renderReport(report, model),
    ...(model.state === 'fitted' && { 'model.json': json(model.fitted) }),
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
