import { paletteSheet } from '../../view/palette.ts';

/** The page's style; colours of deployments are those of `model/deployment-style.ts`. */
export const styleSheet = `${paletteSheet}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; max-width: 1080px; padding: 0 20px 64px; background: var(--paper); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
header { display: flex; flex-wrap: wrap; gap: 2px 16px; align-items: baseline; padding: 20px 0 12px; border-bottom: 1px solid var(--hair); }
header p { margin: 0; }
.brand { font-weight: 700; letter-spacing: -0.01em; }
.subject { color: var(--soft); }
h1 { font-size: 15px; font-weight: 600; color: var(--soft); margin: 36px 0 8px; }
h2 { font-size: 24px; line-height: 1.25; letter-spacing: -0.015em; margin: 0 0 4px; }
h2 span, .asked span { font: 13px/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; letter-spacing: 0; color: var(--soft); margin-left: 8px; overflow-wrap: anywhere; }
h3 { font-size: 16px; line-height: 1.3; margin: 0 0 10px; }
main > article, main > section { border-top: 1px solid var(--hair); margin-top: 48px; padding-top: 28px; }
article section { margin-top: 32px; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 3px; }
a:hover { text-decoration-thickness: 2px; }
p { max-width: 72ch; }
.answer { margin: 0 0 28px; }
.answer p { margin: 0; }
.asked { font-weight: 600; }
.said { font-size: 26px; line-height: 1.3; letter-spacing: -0.018em; font-weight: 600; max-width: 34em; text-wrap: pretty; }
.answer .stop { color: var(--soft); margin-top: 6px; max-width: 64em; }
aside { background: var(--panel); border-radius: 8px; padding: 14px 18px; margin-top: 8px; font-size: 14px; }
aside h2 { font-size: 14px; letter-spacing: 0; }
aside ul, .stops { margin: 4px 0 0; padding-left: 18px; }
aside li, .stops li { margin: 3px 0; max-width: 100ch; }
.simulated { border: 2px solid var(--warn); border-radius: 8px; padding: 10px 16px; margin: 24px 0 0; max-width: none; }
.simulated strong { color: var(--warn); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; list-style: none; margin: 0 0 8px; padding: 0; font-size: 13px; }
.legend li { display: flex; align-items: center; gap: 7px; }
.swatch { overflow: visible; flex: none; }
.note { max-width: 100ch; color: var(--soft); font-size: 13px; margin: 0 0 10px; }
figure { margin: 0; min-width: 0; }
figcaption { font-size: 13px; font-weight: 600; }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 16px 28px; }
.plots.small { grid-template-columns: repeat(auto-fill, minmax(min(100%, 230px), 1fr)); gap: 16px 20px; }
.beside { display: flex; flex-wrap: wrap; gap: 12px 32px; align-items: center; }
.beside > :has(.drawing) { flex: 1 1 400px; }
.scroll { overflow-x: auto; max-width: 100%; }
.scroll:focus-visible, pre:focus-visible, summary:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.plot { display: block; width: 100%; height: auto; }
td small { display: block; color: var(--soft); font-size: 12px; }
section > .scroll + .scroll { margin-top: 20px; }
.held-out .scroll { margin: 16px 0 24px; }
table { border-collapse: collapse; font-size: 13px; line-height: 1.4; }
caption { text-align: left; font-weight: 600; padding: 0 0 6px; white-space: nowrap; }
th, td { padding: 4px 0 4px 15px; text-align: right; vertical-align: top; border-bottom: 1px solid var(--hair); white-space: nowrap; }
thead th { color: var(--soft); font-weight: 500; vertical-align: bottom; border-bottom-color: var(--rule); white-space: normal; min-width: 5em; }
th:first-child { padding-left: 0; text-align: left; font-weight: 600; white-space: nowrap; }
thead th:first-child { font-weight: 500; }
td.words, th.words { text-align: left; white-space: normal; min-width: 9em; max-width: 52em; overflow-wrap: anywhere; }
details { margin: 8px 0 16px; }
summary { cursor: pointer; font-size: 13px; color: var(--link); width: fit-content; }
details[open] > summary { margin-bottom: 8px; }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--panel); border-radius: 8px; padding: 12px 16px; overflow-x: auto; max-height: 420px; }
.verdict { font-weight: 600; white-space: nowrap; }
@media (max-width: 560px) {
  body { padding: 0 16px 48px; }
  .said { font-size: 20px; }
  h2 { font-size: 20px; }
  h2 span, .asked span { display: block; margin-left: 0; }
}
@media print {
  :root { --paper: #fff; --panel: #fff; --ink: #000; --soft: #444; --rule: #888; --hair: #ccc; --link: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .said { font-size: 15pt; }
  section, figure, .answer, tr { break-inside: avoid; }
  section:has(pre), section:has(table) { break-inside: auto; }
  h2, h3 { break-after: avoid; }
  .scroll, pre { overflow: visible; max-height: none; }
  pre { white-space: pre-wrap; border: 1px solid #ccc; }
  details:not([open]) { display: none; }
  .plots { grid-template-columns: 1fr 1fr; }
  .plots.small { grid-template-columns: 1fr 1fr 1fr; }
  .drawing { min-width: 0 !important; }
}
`;
