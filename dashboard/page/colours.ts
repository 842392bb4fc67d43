import { signal } from '@preact/signals';

/** Changes whenever the colours do: somebody has turned the light on or off. */
export const scheme = signal<'light' | 'dark'>('light');

const dark = matchMedia('(prefers-color-scheme: dark)');
const known = new Map<string, string>();

function look(): void {
  known.clear();
  scheme.value = dark.matches ? 'dark' : 'light';
}
dark.addEventListener('change', look);
look();

/** The colour that a custom property of the style sheet has now, as a canvas takes it: `colourOf('soft')`. */
export function colourOf(property: string): string {
  return painted(`var(--${property})`);
}

/** What a CSS colour is now, as a canvas takes it. */
export function painted(css: string): string {
  const before = known.get(css);
  if (before !== undefined) return before;
  // It is text, such as `light-dark(…)`, until something is painted with it.
  const probe = document.createElement('i');
  probe.hidden = true;
  probe.style.setProperty('color', css);
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  known.set(css, colour);
  return colour;
}
