import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { html } from 'htm/preact';
import type { VNode } from 'preact';

use([BarChart, CustomChart, LineChart, ScatterChart, GridComponent, MarkLineComponent, SVGRenderer]);

/** Above it the words of a drawing would be larger than those around it. */
const MOST_SCALE = 1.15;
/** Of a drawing, in pixels, before it scrolls: what a narrow telephone has; wider drawings need more. */
const LEAST_WIDTH = 328;
const WIDE = 420;

/** Unique in the page; it becomes part of ids in the drawing. */
interface PlotProps {
  readonly id: string;
  /** What is drawn, for those who do not see it. */
  readonly description: string;
  readonly width?: number;
  readonly height?: number;
  readonly option: EChartsCoreOption;
}

/** A plot as a drawing in the page itself, which scales, prints, and takes its colours from the page. */
export function Plot({ id, description, width = 420, height = 270, option }: PlotProps): VNode {
  const drawing = { __html: drawn(id, option, width, height) };
  const style = `max-width:${Math.round(width * MOST_SCALE)}px;min-width:${width < WIDE ? width * 0.9 : LEAST_WIDTH + (width - WIDE) * 0.75}px`;
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${`Plot: ${description}`}>
    <div class="plot" role="img" aria-label=${description} style=${style} dangerouslySetInnerHTML=${drawing}></div>
  </div>`;
}

function drawn(id: string, option: EChartsCoreOption, width: number, height: number): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  try {
    chart.setOption({ animation: false, textStyle: { fontFamily: 'inherit', fontSize: 12 }, ...option });
    return withoutTraces(chart.renderToSVGString({ useViewBox: true }), id);
  } finally {
    chart.dispose();
  }
}

/** ECharts counts its drawings, so a second one of the same would differ, and adds what only a pointer could use. */
function withoutTraces(svg: string, id: string): string {
  return svg
    .replace(/<style ?>.*?<\/style>/s, '')
    .replace(/ (class|ecmeta_\w+|pointer-events|xmlns:xlink|baseProfile|version)="[^"]*"/g, '')
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/\n+/g, '\n');
}
