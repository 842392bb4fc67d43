import type { IncomingHttpHeaders } from 'node:http';
import { escaped, plainPage } from '../../../nginx/plain-page.ts';
import type { WebProblem } from './problem.ts';
import { UnknownAddress, unknownAddress } from './unknown-address.ts';

/** Whether a person sees the answer to a request: the browser goes there, instead of a script asking. */
export function isNavigation({ accept = '', 'sec-fetch-mode': mode }: IncomingHttpHeaders): boolean {
  // Browsers tell the mode to loopback and through TLS alone.
  return mode === undefined ? accept.includes('text/html') : mode === 'navigate';
}

/** A problem as a page, and the script that it holds where it has one. */
export function refusalPage(problem: WebProblem, cause: unknown): { readonly html: string; readonly script?: string } {
  if (cause instanceof UnknownAddress) {
    return { html: plainPage({ body: unknownAddressBody(cause), script }), script };
  }
  return { html: plainPage({ body: problemBody(problem) }) };
}

/** The body of the page of a problem. */
export function problemBody({ title, detail, command }: Pick<WebProblem, 'title' | 'detail' | 'command'>): string {
  const line = command === undefined ? '' : `\n<pre>${escaped(command)}</pre>`;
  return `<h1>${escaped(title)}</h1>\n<p>${escaped(detail)}</p>${line}`;
}

/**
 * The server knows under which name it was asked, and the browser where it is: between them a proxy may have put another
 * name. Only the browser has the address that is to be typed.
 */
function unknownAddressBody({ origin, asked, setting }: UnknownAddress): string {
  const { variable, hosts, start } = setting;
  const here = `<span data-here>${escaped(origin)}</span>`;
  const between = asked === undefined ? '' : `<span data-asked="${escaped(asked)}" hidden>,${escaped(asked)}</span>`;
  const before = hosts.map(host => `${escaped(host)},`).join('');
  return `<h1>${unknownAddress.title}</h1>
<p>${unknownAddress.told(here)}</p>
<pre>${variable}=${before}${here}${between} ${start}</pre>`;
}

const script = `
for (const part of document.querySelectorAll('[data-here]')) part.textContent = location.origin;
for (const part of document.querySelectorAll('[data-asked]')) {
  if (location.host === part.dataset.asked) part.remove();
  else part.hidden = false;
}
`;
