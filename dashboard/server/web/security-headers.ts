import { createHash } from 'node:crypto';
import { plainPagePolicy } from '../../../nginx/plain-page.ts';

/** What the page may load and run: what this server itself serves, and nothing that is written into it. */
export const pagePolicy = policyOf({
  'script-src': "'self'",
  'style-src': "'self'",
  'img-src': "'self' data:",
  'connect-src': "'self'",
});

/** Headers of every answer. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': pagePolicy,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
};

/**
 * What a report may do: be looked at. It holds its styles in itself, so these, and no others, are allowed by their
 * hashes; whatever found its way into a label does not run.
 */
export function reportPolicy(html: string): string {
  const sheets = Array.from(html.matchAll(/<style>(.*?)<\/style>/gs), ([, text = '']) => text);
  const attributes = Array.from(html.matchAll(/ style="([^"]*)"/g), ([, text = '']) => unescaped(text));
  const hashes = new Set([...sheets, ...attributes].map(sourceOf));
  const styles = hashes.size === 0 ? "'none'" : `'unsafe-hashes' ${[...hashes].join(' ')}`;
  return policyOf({ 'style-src': styles, 'img-src': 'data:', sandbox: '' });
}

/** What the page of a refusal may do: be looked at, and run the one script that is its own. */
export function refusalPolicy(script?: string): string {
  return `${plainPagePolicy(script)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
}

function policyOf(allowed: Readonly<Record<string, string>>): string {
  const directives = {
    'default-src': "'none'",
    ...allowed,
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`.trim())
    .join('; ');
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

function unescaped(attribute: string): string {
  return attribute.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
