import type { DeploymentStyle } from '../../model/deployment-style.ts';

/** A short piece of a deployment's line, as the charts draw it. */
export function Swatch({ style: { colour, dash } }: { readonly style: DeploymentStyle }) {
  return (
    <svg class="swatch" width="24" height="8" viewBox="0 0 24 8" aria-hidden="true" focusable="false">
      <line x1="0" y1="4" x2="24" y2="4" stroke={colour} stroke-dasharray={dash.join(' ')} />
    </svg>
  );
}
