import { html } from 'htm/preact';
import type { VNode } from 'preact';
import type { MeasuredLoad } from '../../compare/comparison.ts';
import { listLoads, loadColumns } from '../comparison-text.ts';
import { DataTable } from './data-table.ts';

/** What came of the loads that the experiment names. */
export function LoadsSection({ workload, loads }: { workload: string; loads: readonly MeasuredLoad[] }): VNode {
  const rows = listLoads(workload, loads);
  if (rows.length === 0) return html`<!-- -->`;
  return html`<section>
    <h3>Loads that were asked for</h3>
    <${DataTable} caption=${`Loads on ${workload}`} columns=${loadColumns.map(head => ({ head }))} rows=${rows} />
  </section>`;
}
