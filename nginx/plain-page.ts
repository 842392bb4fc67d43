import { createHash } from 'node:crypto';

/** A page that loads nothing: its style, and its script where it has one, are its own and allowed by their hashes. */
interface PlainPage {
  /** As HTML, inside `main`. */
  readonly body: string;
  /** JavaScript that runs once the body is there. */
  readonly script?: string;
}

/** The HTML of a plain page. */
export function plainPage({ body, script }: PlainPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${plainPagePolicy(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Loadline</title>
<style>${style}</style>
</head>
<body>
<main>
${body}
</main>${script === undefined ? '' : `\n<script>${script}</script>`}
</body>
</html>
`;
}

/** What a plain page may load and run, as a Content-Security-Policy. */
export function plainPagePolicy(script?: string): string {
  const scripts = script === undefined ? '' : `; script-src ${hashSource(script)}`;
  return `default-src 'none'; style-src ${hashSource(style)}${scripts}`;
}

/** Text as HTML shows it. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function hashSource(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#d5dae1, #3a414b); --quiet: light-dark(#56606d, #9aa5b3) }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fff, #14171b); color: light-dark(#14171b, #e8ebef) }
main { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.25 }
h2 { margin: 0; font-size: 1.15rem; display: flex; flex-wrap: wrap; gap: 0 .75rem; align-items: baseline }
small { font-weight: normal; font-size: .9rem; color: var(--quiet) }
section { border-top: 1px solid var(--line); padding: 1rem 0 }
section p { margin: .25rem 0 }
.absent { color: var(--quiet) }
nav { display: flex; flex-wrap: wrap; gap: .25rem 1rem; font-family: ui-monospace, monospace; font-size: .9rem }
a { color: light-dark(#0b57d0, #8ab4f8) }
code { font-size: .9em }
pre { padding: .75rem 1rem; border-radius: .5rem; background: light-dark(#f6f7f9, #1c2026); white-space: pre-wrap; font: .875rem/1.5 ui-monospace, monospace }
`;
