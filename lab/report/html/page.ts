import { html } from 'htm/preact';
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { counted } from '../../../model/quantities.ts';
import { answerWorkload, shownObjective, shownRequests } from '../answer.ts';
import { fitRunModel, type RunModel } from '../model.ts';
import { type Predictions, predictionsOf } from '../predictions.ts';
import type { Report, ReportedWorkload } from '../report.ts';
import { BalanceSection } from './balance.ts';
import { CapacitySection } from './capacity.ts';
import { ClaimsAnswer, ClaimsSection } from './claims.ts';
import { DistributionSection } from './distribution.ts';
import { LoadsSection } from './loads.ts';
import { AgainSection, InvalidSection, MethodSection } from './method.ts';
import { RatiosSection } from './ratios.ts';
import { ResourcesSection } from './resources.ts';
import { ResponseTimeSection } from './response-time.ts';
import { SaturationSection } from './saturation.ts';
import { ScoreSection } from './score.ts';
import { styleSheet } from './style.ts';
import { UtilisationSection } from './utilisation.ts';

/** The report as one page that needs neither script nor network. */
export function pageOf(report: Report, model: RunModel = fitRunModel(report)): string {
  const predictions = predictionsOf(report, model);
  return `<!doctype html>\n${renderToString(Page({ report, predictions }))}\n`;
}

/** Nothing may be loaded and nothing run, whatever found its way into a label. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

interface PageProps {
  readonly report: Report;
  /** `undefined`: there is no model of this run. */
  readonly predictions: Predictions | undefined;
}

function Page({ report, predictions }: PageProps): VNode {
  const { comparison, workloads } = report;
  return html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta http-equiv="Content-Security-Policy" content=${policy} />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>${`Loadline: ${comparison.experiment}`}</title>
      <style dangerouslySetInnerHTML=${{ __html: styleSheet }}></style>
    </head>
    <body>
      <header>
        <p class="brand">Loadline</p>
        <p class="subject">${`comparison ${comparison.experiment} · ${comparison.runtime} · ${counted(report.experiment.cpus, 'CPU')} · ${shownObjective(comparison)}`}</p>
      </header>
      <main>
        ${comparison.runtime === 'simulated' && html`<p class="simulated" role="note"><strong>Simulated.</strong> Every figure here comes from a model of these deployments; nothing was measured.</p>`}
        <h1>The answer</h1>
        ${report.claims.length > 0 && html`<${ClaimsAnswer} claims=${report.claims} />`}
        ${workloads.map(of => html`<${WorkloadAnswer} report=${report} of=${of} />`)}
        ${comparison.warnings.length > 0 && html`<aside aria-label="To know beforehand"><h2>To know beforehand</h2><ul>${comparison.warnings.map(({ message }) => html`<li>${message}</li>`)}</ul></aside>`}
        ${workloads.map(of => html`<${WorkloadPart} report=${report} of=${of} predictions=${predictions} />`)}
        ${report.claims.length > 0 && html`<${ClaimsSection} claims=${report.claims} />`}
        ${predictions !== undefined && html`<${ScoreSection} report=${report} predictions=${predictions} score=${predictions.score} />`}
        <${MethodSection} report=${report} />
        <${InvalidSection} report=${report} />
        <${AgainSection} report=${report} />
      </main>
    </body>
  </html>`;
}

function WorkloadAnswer({ report, of }: { report: Report; of: ReportedWorkload }): VNode {
  const { sentence, stop } = answerWorkload(of.workload.name, of.cells, report.comparison);
  return html`<div class="answer">
    <p class="asked"><a href=${`#${of.id}`}>${of.workload.name}</a> <span>${shownRequests(of.workload)}</span></p>
    <p class="said">${kept(sentence)}</p>
    ${stop !== undefined && html`<p class="stop">${stop}</p>`}
  </div>`;
}

interface WorkloadProps extends PageProps {
  readonly of: ReportedWorkload;
}

function WorkloadPart({ report, of, predictions }: WorkloadProps): VNode {
  return html`<article id=${of.id}>
    <h2>${of.workload.name} <span>${shownRequests(of.workload)}</span></h2>
    <${CapacitySection} of=${of} predictions=${predictions} />
    <${LoadsSection} workload=${of.workload.name} loads=${report.comparison.loads} />
    <${RatiosSection} workload=${of.workload.name} ratios=${report.comparison.ratios} />
    <${SaturationSection} of=${of} predictions=${predictions} />
    ${of.cells.some(({ curve }) => curve.length > 0) && html`<${MeasuredSections} report=${report} of=${of} predictions=${predictions} />`}
  </article>`;
}

/** What there is to draw once something was measured. */
function MeasuredSections({ report, of, predictions }: WorkloadProps): VNode {
  return html`<div>
    <${ResponseTimeSection} report=${report} of=${of} predictions=${predictions} />
    <${DistributionSection} report=${report} of=${of} />
    <${UtilisationSection} report=${report} of=${of} predictions=${predictions} />
    <${ResourcesSection} of=${of} />
    <${BalanceSection} of=${of} />
  </div>`;
}

/** An interval is not broken over two lines. */
function kept(sentence: string): string {
  return sentence.replace(/\d+ × \[[^\]]*\]/g, ratio => ratio.replaceAll(' ', '\u00a0'));
}
