/** What the stage is drawn with; each is the custom property `--stage-…` of that name, see `stage.css`. */
export const colourNames = [
  'paper',
  'panel',
  'floor',
  'hair',
  'rule',
  'soft',
  'ink',
  'fresh',
  'ageing',
  'late',
  'failed',
  'computing',
  'database',
  'database-tint',
  'computing-tint',
] as const;
export type ColourName = (typeof colourNames)[number];

/** Colours and fonts as the canvas wants them. */
export interface Theme {
  readonly colours: Readonly<Record<ColourName, string>>;
  readonly font: string;
}

/** The theme that holds at this element now. */
export function themeAt(element: HTMLElement): Theme {
  // A custom property is text until something is painted with it: `light-dark(…)` and the like are resolved by a colour.
  const probe = document.createElement('i');
  probe.hidden = true;
  element.append(probe);
  const colours = {} as Record<ColourName, string>;
  for (const name of colourNames) {
    probe.style.setProperty('color', `var(--stage-${name})`);
    colours[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return { colours, font: getComputedStyle(element).fontFamily };
}

/** Calls back whenever another theme may hold. Gives back how to stop. */
export function onThemeChange(listener: () => void): () => void {
  const queries = ['(prefers-color-scheme: dark)', '(prefers-contrast: more)', '(forced-colors: active)'].map(query =>
    matchMedia(query),
  );
  for (const query of queries) query.addEventListener('change', listener);
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true });
  return () => {
    for (const query of queries) query.removeEventListener('change', listener);
    observer.disconnect();
  };
}
