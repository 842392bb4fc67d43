import { STATUS_CODES } from 'node:http';
import { escaped, plainPage, plainPagePolicy } from '../../nginx/plain-page.ts';

interface RefusalWords {
  /** Replaces the name of the status. */
  readonly title?: string;
  /** A line to type that helps. */
  readonly command?: string;
  /** The origin in `command` that the server guessed; the browser knows better. */
  readonly guess?: string;
}

/** A request that is refused: why, and what to do instead. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly words: RefusalWords;

  constructor(status: 400 | 401 | 403 | 404 | 409 | 503, message: string, words: RefusalWords = {}) {
    super(message);
    this.status = status;
    this.words = words;
  }
}

/** A problem as JSON (RFC 9457). */
export function problemJson(status: number, detail: string, { title, command }: RefusalWords = {}): string {
  return JSON.stringify({
    type: 'about:blank',
    title: title ?? STATUS_CODES[status],
    status,
    detail,
    ...(command !== undefined && { command }),
  });
}

/** A problem as a page, for browsers that went there. */
export function problemPage(title: string, detail: string, { command, guess }: RefusalWords = {}, more = ''): string {
  const marked = guess === undefined ? '<pre>' : `<pre data-guess="${guess}">`;
  const line = command === undefined ? '' : `\n${marked}${escaped(command)}</pre>`;
  const body = `<h1>${escaped(title)}</h1>\n<p>${escaped(detail)}</p>${line}${more}`;
  return plainPage({ body, ...(guess && { script }) });
}

/** The Content-Security-Policy of such a page. */
export function problemPolicy({ guess }: RefusalWords): string {
  const policy = plainPagePolicy(guess && script);
  return `${policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

/** Where a proxy asks by another name than the browser has, the server needs to know both. */
const script = `
const line = document.querySelector('[data-guess]');
const { guess } = line.dataset;
const known = new URL(guess).host === location.host ? location.origin : location.origin + ',' + guess;
line.textContent = line.textContent.replace(guess, known);
`;
