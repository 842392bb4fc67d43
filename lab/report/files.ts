import { pageOf } from './html/page.ts';
import type { Report } from './report.ts';
import { summaryOf } from './summary.ts';

/** The files of a run's folder that are made from its report, by name: the same trials give the same bytes. */
export function filesOf(report: Report): Record<'comparison.json' | 'summary.md' | 'report.html', string> {
  return {
    'comparison.json': `${JSON.stringify(report.comparison, null, 2)}\n`,
    'summary.md': summaryOf(report.comparison),
    'report.html': pageOf(report),
  };
}
