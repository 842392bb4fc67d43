import { useComputed, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { scheme } from '../colours.ts';
import { What } from '../explanations.tsx';
import { occurrences, seconds } from '../live.ts';
import { openCharts } from '../shared-view.ts';
import { columnsOf, linesOf } from './columns.ts';
import type { ChartDefinition } from './definitions.ts';
import { hovered, shownDeployments } from './hovered.ts';
import { plot } from './plot.ts';
import { Readout } from './readout.tsx';
import { redraw } from './redraw.ts';

/** One chart, which can be closed; what it shows at the cursor, or now, stands above it. */
export function Chart({ chart }: { readonly chart: ChartDefinition }) {
  const isOpen = useComputed(() => openCharts.value.includes(chart.name));
  const toggle = (): void => {
    openCharts.value = isOpen.value
      ? openCharts.value.filter(name => name !== chart.name)
      : [...openCharts.value, chart.name];
  };
  return (
    <figure class="chart" data-open={isOpen.value}>
      <figcaption>
        <button type="button" class="disclosure" aria-expanded={isOpen.value} onClick={toggle}>
          {chart.title}
        </button>
        <What word={chart.word} />
        {chart.also !== undefined && (
          <>
            <span class="also">{chart.also.name}</span>
            <What word={chart.also.word} />
          </>
        )}
      </figcaption>
      {isOpen.value && <Readout chart={chart} />}
      {isOpen.value && <Canvas chart={chart} />}
    </figure>
  );
}

function Canvas({ chart }: { readonly chart: ChartDefinition }) {
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot>(undefined);
  // Another set of deployments has other lines, and needs another plot.
  const lines = useComputed(() => linesOf(chart, shownDeployments.value));

  useEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    const watching = new ResizeObserver(() => {
      drawn.current?.setSize({ width: parent.clientWidth, height: parent.clientHeight });
    });
    watching.observe(parent);
    return () => watching.disconnect();
  }, []);

  useSignalEffect(() => {
    const parent = place.current;
    if (parent === null) return;
    scheme.value;
    const made = plot(parent, columnsOf(seconds.peek(), lines.value), {
      chart,
      lines: lines.value,
      width: parent.clientWidth,
      height: parent.clientHeight,
      marks: () => occurrences.peek(),
      onHover: time => {
        hovered.value = time;
      },
    });
    drawn.current = made;
    return () => {
      drawn.current = undefined;
      made.destroy();
    };
  });

  useSignalEffect(() => {
    redraw.value;
    drawn.current?.setData(columnsOf(seconds.peek(), lines.value));
  });

  return <div class="canvas" ref={place} role="img" aria-label={`${chart.title}, the last two minutes`} />;
}
