import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import type { Plan } from '../../../lab/plan/plan.ts';
import { styleDeployment } from '../../../model/deployment-style.ts';
import { quantileName, shownRate, shownTime } from '../../../model/quantities.ts';
import { scheme } from '../colours.ts';
import { What } from '../explanations.tsx';
import { fitted } from './answers.ts';
import { type ResponseCurve, responseCurveOf } from './response-curve.ts';
import { columnsOf, plotCurve } from './response-plot.ts';

/** Predicted response times of the recommended deployment against the load. */
export function ResponseChart({ plan }: { readonly plan: Plan }) {
  const model = fitted.value;
  const [best] = plan.recommendations;
  const curve = model && responseCurveOf(plan, model);
  if (curve === undefined || best === undefined) return null;
  const { topology } = best.deployment;
  const name = quantileName(plan.question.objective.quantile);
  const at = best.prediction.responseTime;
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
      <Canvas
        curve={curve}
        colour={styleDeployment(best.deployment).colour}
        label={`p50 and ${name} of ${topology} against the load, predicted`}
      />
    </figure>
  );
}

interface CanvasProps {
  readonly curve: ResponseCurve;
  /** CSS. */
  readonly colour: string;
  readonly label: string;
}

function Canvas({ curve, colour, label }: CanvasProps) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(undefined);
  const shown = useRef(curve);
  shown.current = curve;
  const light = scheme.value;

  useEffect(() => {
    const parent = place.current;
    // Other colours need another plot.
    if (parent === null || light === undefined) return;
    const made = plotCurve(parent, () => shown.current, colour);
    drawn.current = made;
    const watching = new ResizeObserver(() => {
      made.setSize({ width: parent.clientWidth, height: parent.clientHeight });
    });
    watching.observe(parent);
    return () => {
      watching.disconnect();
      drawn.current = undefined;
      made.destroy();
    };
  }, [colour, light]);

  useEffect(() => {
    drawn.current?.setData(columnsOf(curve));
  }, [curve]);

  return <div class="canvas" ref={place} role="img" aria-label={label} />;
}
