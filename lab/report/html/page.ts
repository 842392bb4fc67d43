import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { counted } from '../../../model/quantities.ts';
import { h } from '../../view/element.ts';
import { answerWorkload, shownObjective, shownRequests } from '../answer.ts';
import { fitRunModel, type RunModel } from '../model.ts';
import { predictCells } from '../predictions.ts';
import type { Report, ReportedWorkload } from '../report.ts';
import { BottleneckSection, UtilisationSection } from './bottleneck.ts';
import { CapacitySection, LoadsSection, RatiosSection } from './capacity.ts';
import { ClaimsAnswer, ClaimsSection } from './claims.ts';
import { AgainSection, InvalidSection, MethodSection } from './method.ts';
import { ScoreSection } from './model-score.ts';
import type { SectionProps } from './parts.ts';
import { BalanceSection, MemorySection } from './resources.ts';
import { DistributionSection, ResponseTimeSection } from './response-time.ts';
import { styleSheet } from './style.ts';

/** Renders a report as one HTML page that needs neither script nor network. */
export function renderReport(report: Report, model: RunModel = fitRunModel(report)): string {
  return `<!doctype html>\n${renderToString(Page(report, model))}\n`;
}

/** Nothing may be loaded and nothing run, whatever found its way into a label. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

function Page(report: Report, model: RunModel): VNode {
  const { comparison, workloads, claims } = report;
  const predictions = predictCells(report, model);
  const subject = [comparison.runtime, counted(report.experiment.cpus, 'CPU'), shownObjective(comparison)].join(' · ');
  return h('html', { lang: 'en' }, [
    h('head', null, [
      h('meta', { charset: 'utf-8' }),
      h('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      h('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      h('meta', { name: 'color-scheme', content: 'light dark' }),
      h('title', null, `Loadline: ${comparison.experiment}`),
      h('style', { dangerouslySetInnerHTML: { __html: styleSheet } }),
    ]),
    h('body', null, [
      h('header', null, [
        h('p', { class: 'brand' }, 'Loadline'),
        h('p', { class: 'subject' }, `comparison ${comparison.experiment} · ${subject}`),
      ]),
      h('main', null, [
        comparison.runtime === 'simulated' &&
          h('p', { class: 'simulated', role: 'note' }, [
            h('strong', null, 'Simulated.'),
            ' Every figure here comes from a model of these deployments; nothing was measured.',
          ]),
        h('h1', null, 'The answer'),
        claims.length > 0 && ClaimsAnswer(claims),
        ...workloads.map(of => WorkloadAnswer(report, of)),
        comparison.warnings.length > 0 &&
          h('aside', { 'aria-label': 'Warnings' }, [
            h('h2', null, 'Warnings'),
            h(
              'ul',
              null,
              comparison.warnings.map(({ message }) => h('li', null, message)),
            ),
          ]),
        ...workloads.map(of => WorkloadPart({ report, of, predictions })),
        claims.length > 0 && ClaimsSection(claims),
        predictions && ScoreSection(report, predictions),
        MethodSection(report),
        InvalidSection(report),
        AgainSection(report),
      ]),
    ]),
  ]);
}

function WorkloadAnswer({ comparison }: Report, { id, workload, cells }: ReportedWorkload): VNode {
  const { sentence, stop } = answerWorkload(workload.name, cells, comparison);
  return h('div', { class: 'answer' }, [
    h('p', { class: 'asked' }, [
      h('a', { href: `#${id}` }, workload.name),
      ' ',
      h('span', null, shownRequests(workload)),
    ]),
    h('p', { class: 'said' }, keepIntervalsWhole(sentence)),
    stop !== undefined && h('p', { class: 'stop' }, stop),
  ]);
}

/** An interval is not broken over two lines. */
function keepIntervalsWhole(sentence: string): string {
  return sentence.replace(/\d+ × \[[^\]]*\]/g, ratio => ratio.replaceAll(' ', '\u00a0'));
}

function WorkloadPart(props: SectionProps): VNode {
  const { id, workload, cells } = props.of;
  const isMeasured = cells.some(({ curve }) => curve.length > 0);
  const sections = [CapacitySection, LoadsSection, RatiosSection, BottleneckSection];
  const measured = [ResponseTimeSection, DistributionSection, UtilisationSection, MemorySection, BalanceSection];
  return h('article', { id }, [
    h('h2', null, [workload.name, ' ', h('span', null, shownRequests(workload))]),
    ...[...sections, ...(isMeasured ? measured : [])].map(section => section(props)),
  ]);
}
