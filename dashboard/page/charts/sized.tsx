import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Margin } from '../../../lab/view/plot.ts';

/** What a plot in a box of the page is given: pixels, larger where the page's letters are. */
export interface PlotSize {
  readonly width: number;
  readonly height: number;
  readonly margin: Margin;
  readonly fontSize: number;
}

/** A box that a plot fills, whatever its size. */
export function Sized({ children }: { readonly children: (size: PlotSize) => ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<PlotSize>();
  useEffect(() => {
    if (box.current === null) return;
    const watching = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
      const { width, height } = entry.contentRect;
      const margin = { left: 58 * rem, right: 18 * rem, top: 8 * rem, bottom: 24 * rem };
      setSize({ width, height, margin, fontSize: 11.5 * rem });
    });
    watching.observe(box.current);
    return () => watching.disconnect();
  }, []);
  return (
    <div class="sized" ref={box}>
      {size !== undefined && size.width > 0 && children(size)}
    </div>
  );
}
