import { signal } from '@preact/signals';

/** The colour scheme now; changes when the user turns light or dark on. */
export const scheme = signal<'light' | 'dark'>('light');

const dark = matchMedia('(prefers-color-scheme: dark)');
const resolved = new Map<string, string>();

function readScheme(): void {
  resolved.clear();
  scheme.value = dark.matches ? 'dark' : 'light';
}
dark.addEventListener('change', readScheme);
readScheme();

/** Resolves a custom property of the style sheet to a colour for a canvas: `resolveColour('soft')`. */
export function resolveColour(property: string): string {
  return resolveCssColour(`var(--${property})`);
}

/** Resolves a CSS colour, such as `light-dark(…)`, to the one that holds now. */
function resolveCssColour(css: string): string {
  const known = resolved.get(css);
  if (known !== undefined) return known;
  const probe = document.createElement('i');
  probe.hidden = true;
  probe.style.setProperty('color', css);
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  resolved.set(css, colour);
  return colour;
}
