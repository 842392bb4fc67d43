/** Colours of page and report by name, each for light and for dark. Those of deployments are in `model/deployment-style.ts`. */
const palette: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  paper: ['#fff', '#14171b'],
  panel: ['#f6f7f9', '#1c2026'],
  ink: ['#16191d', '#e8ebee'],
  soft: ['#59616b', '#a3acb6'],
  rule: ['#b9c0c8', '#4d5660'],
  hair: ['#e3e7ec', '#2b323a'],
  link: ['#0b5fa5', '#7cc0f4'],
  'on-link': ['#fff', '#10151a'],
  warn: ['#b34700', '#ff9a57'],
  // Of the resources in plots, with ink and soft.
  workers: ['#7a45c4', '#b795f5'],
  database: ['#0e7c86', '#4fc3cf'],
};

/** The palette as custom properties, `--paper` and so on: `var(--paper)` is right in CSS and in attributes of SVG. */
export const paletteSheet = `:root{color-scheme:light dark;${Object.entries(palette)
  .map(([name, [light, dark]]) => `--${name}:light-dark(${light},${dark})`)
  .join(';')}}`;
