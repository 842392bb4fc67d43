import { useComputed } from '@preact/signals';
import { decadeAxis, linearAxis } from '../../../lab/view/axis.ts';
import { Plot, type PlotFrame, type PlotLine } from '../../../lab/view/plot.ts';
import { Swatch } from '../../../lab/view/swatch.ts';
import { shownTime } from '../../../model/quantities.ts';
import { HISTORY, OBJECTIVE } from '../../protocol.ts';
import { What } from '../explanations.tsx';
import { labelAt, occurrences, seconds, styleAt } from '../live.ts';
import { openCharts } from '../shared-view.ts';
import { hovered, readSecond, redraw, shownDeployments } from './chart-state.ts';
import { type ChartDefinition, chartLines, listPoints, valueAt } from './definitions.ts';
import { labelMark } from './marks.ts';
import { type PlotSize, Sized } from './sized.tsx';

/** One chart, which can be closed; what it shows at the pointer, or now, stands above it. */
export function Chart({ chart }: { readonly chart: ChartDefinition }) {
  const { name, title, word, also } = chart;
  const isOpen = useComputed(() => openCharts.value.includes(name)).value;
  const toggle = (): void => {
    openCharts.value = isOpen ? openCharts.value.filter(other => other !== name) : [...openCharts.value, name];
  };
  return (
    <figure class="chart" data-open={isOpen}>
      <figcaption>
        <button type="button" class="disclosure" aria-expanded={isOpen} onClick={toggle}>
          {title}
        </button>
        <What word={word} />
        {also !== undefined && (
          <>
            <span class="also">{also.name}</span>
            <What word={also.word} />
          </>
        )}
      </figcaption>
      {isOpen && <Readout chart={chart} />}
      {isOpen && <Sized>{size => <LivePlot chart={chart} size={size} />}</Sized>}
    </figure>
  );
}

/** A chart's figures at the pointer, or now, for each deployment; they are its legend too. */
function Readout({ chart }: { readonly chart: ChartDefinition }) {
  const second = readSecond.value;
  const shown = (value: number | undefined): string => (value === undefined ? '–' : chart.shown(value));
  return (
    <ul class="readout">
      {shownDeployments.value.map(id => {
        const style = styleAt(id);
        return (
          <li key={id}>
            {style && <Swatch style={style} />}
            <span class="name">{labelAt(id)}</span>
            {chart.measures.map(measure => (
              <span key={measure.name} class={measure.thin ? 'thin' : 'thick'}>
                {chart.measures.length > 1 && <span class="measure">{measure.name} </span>}
                {shown(second && valueAt(second, { id, measure }))}
              </span>
            ))}
          </li>
        );
      })}
      {chart.machine && (
        <li>
          <Swatch style={machineStyle} width={1} />
          <span class="name">everything</span>
          <span class="thick">{shown(second?.cpu)}</span>
        </li>
      )}
    </ul>
  );
}

const machineStyle = { colour: 'var(--soft)', dash: [] };

/** Ages that the time axis names, in seconds: they stand still while the lines move. */
const ages = [90, 60, 30, 0];

/** The last two minutes, with what happened. */
function LivePlot({ chart, size }: { readonly chart: ChartDefinition; readonly size: PlotSize }) {
  redraw.value;
  const known = seconds.peek();
  const last = known.at(-1)?.time ?? 0;
  const lines = chartLines(chart, shownDeployments.value).map((line): PlotLine => {
    const { colour, dash } = styleAt(line.id) ?? machineStyle;
    return { points: listPoints(known, line), colour, dash, width: line.measure.thin ? 1 : 2.25 };
  });
  const marks = occurrences.peek().filter(({ time }) => time >= last - HISTORY);
  const { left, right } = size.margin;
  const hover = ({ currentTarget, clientX }: PointerEvent): void => {
    const box = (currentTarget as Element).getBoundingClientRect();
    const place = (clientX - box.left - left) / (box.width - left - right);
    const time = last + (place - 1) * HISTORY;
    const nearest = seconds.peek().toSorted((a, b) => Math.abs(a.time - time) - Math.abs(b.time - time))[0];
    hovered.value = nearest?.time;
  };
  return (
    <div
      class="hoverable"
      onPointerMove={hover}
      onPointerLeave={() => {
        hovered.value = undefined;
      }}
    >
      <Plot
        {...size}
        label={`${chart.title}, the last two minutes`}
        x={linearAxis(last - HISTORY, last, {
          ticks: ages.map(age => last - age),
          show: time => (time === last ? 'now' : `−${Math.round(last - time)} s`),
        })}
        y={valueAxis(chart, lines)}
        lines={lines}
        rules={[
          ...(chart.name === 'response-time' ? [objective] : []),
          ...marks.map(mark => ({ at: { x: Math.min(mark.time, last) }, label: labelMark(mark), dash: [2, 3] })),
        ]}
        draw={frame => <Cursor frame={frame} lines={lines} first={last - HISTORY} />}
      />
    </div>
  );
}

const objective = { at: { y: OBJECTIVE }, label: `objective ${shownTime(OBJECTIVE)}`, colour: 'var(--warn)' };

function valueAxis({ scale, shown: show }: ChartDefinition, lines: readonly PlotLine[]) {
  if (scale === 'fraction') return linearAxis(0, 1.02, { ticks: [0, 0.5, 1], show });
  const values = lines.flatMap(({ points }) => points.flatMap(([, value]) => value ?? []));
  if (scale === 'linear') return linearAxis(0, Math.max(1.1 * Math.max(0, ...values), 1), { tickCount: 4, show });
  // The objective is always in sight.
  return decadeAxis([0.01, 1, ...values], { show });
}

/** The moment under the pointer, with the value of each line. */
function Cursor({ frame, lines, first }: { frame: PlotFrame; lines: readonly PlotLine[]; first: number }) {
  const time = hovered.value;
  if (time === undefined || time < first) return null;
  const x = frame.x(time);
  return (
    <g>
      <path d={`M${x} 0V${frame.height}`} stroke="var(--rule)" />
      {lines.map(({ points, colour }) => {
        const value = points.find(([at]) => at === time)?.[1];
        return value == null ? null : <circle cx={x} cy={frame.y(value)} r="3" fill={colour} />;
      })}
    </g>
  );
}
