import type { TopologyName } from '../../model/topology.ts';

/** Dashes of each topology's lines, in pixels: they tell topologies apart where colours do not. */
export const dashes: Readonly<Record<TopologyName, readonly number[]>> = {
  sync: [],
  threads: [7, 3],
  'sync-threads': [2, 2],
  async: [12, 3, 2, 3],
  hybrid: [14, 4],
  'async-express': [6, 2, 2, 2],
};

/** A short piece of a topology's line, as the charts draw it. */
export function Swatch({ topology }: { readonly topology: TopologyName }) {
  return (
    <svg class="swatch" width="24" height="8" viewBox="0 0 24 8" aria-hidden="true" focusable="false">
      <line
        x1="0"
        y1="4"
        x2="24"
        y2="4"
        class={`line-${topology}`}
        stroke-dasharray={(dashes[topology] ?? []).join(' ')}
      />
    </svg>
  );
}
