import type { Plan } from '../../../lab/plan/plan.ts';
import { decadeAxis, linearAxis } from '../../../lab/view/axis.ts';
import { Plot } from '../../../lab/view/plot.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { quantileName, shownRate, shownTime } from '../../../model/quantities.ts';
import { type PlotSize, Sized } from '../charts/sized.tsx';
import { What } from '../explanations.tsx';
import { fitted } from './answers.ts';
import { predictResponseCurve, type ResponseCurve } from './response-curve.ts';

/** Predicted response times of the recommended deployment against the load. */
export function ResponseChart({ plan }: { readonly plan: Plan }) {
  const model = fitted.value;
  const [best] = plan.recommendations;
  const curve = model && predictResponseCurve(plan, model);
  if (curve === undefined || best === undefined) return null;
  const { topology } = best.deployment;
  const name = quantileName(plan.question.objective.quantile);
  const at = best.prediction.responseTime;
  const { colour } = styleDeployment(best.deployment);
  return (
    <figure class="chart plan-chart">
      <figcaption>
        <h3>Response time of {topology}, by load</h3>
        <What word="response time" />
      </figcaption>
      <p class="readout">
        at the planned {shownRate(curve.planned)}: p50 {shownTime(at.quantiles.p50)} (thin), {name}{' '}
        {shownTime(at.atObjective)} (thick); the lines are by formulas
      </p>
      <Sized>
        {size => (
          <Plot
            {...layOutPlot(curve, colour, size)}
            label={`p50 and ${name} of ${topology} against the load, predicted`}
          />
        )}
      </Sized>
    </figure>
  );
}

function layOutPlot({ loads, median, atObjective, objective, planned }: ResponseCurve, colour: string, size: PlotSize) {
  const known = median.filter(time => time !== null);
  const through = (times: readonly (number | null)[], width: number) => ({
    ...{ colour, width, points: loads.map((load, index) => [load, times[index] ?? null] as const) },
  });
  return {
    ...size,
    x: linearAxis(0, loads.at(-1) ?? planned, { show: shownRate }),
    // What grows without end is cut off.
    y: decadeAxis([objective, 2 * objective, Math.min(objective, ...known)], { show: shownTime }),
    lines: [through(median, 1), through(atObjective, 2.25)],
    rules: [
      { at: { y: objective }, label: `objective ${shownTime(objective)}`, colour: 'var(--warn)' },
      { at: { x: planned }, label: `planned ${shownRate(planned)}`, dash: [2, 3] },
    ],
  };
}
