import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { CspEvaluator } from 'csp_evaluator';
import { type Finding, Severity } from 'csp_evaluator/dist/finding.js';
import { CspParser } from 'csp_evaluator/dist/parser.js';
import { pagePolicy, reportPolicy, securityHeaders } from './security-headers.ts';

function findingsIn(policy: string): Finding[] {
  return new CspEvaluator(new CspParser(policy).csp).evaluate();
}

const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

test('the policy of the page has no finding of high or medium severity', () => {
  const grave = [Severity.HIGH, Severity.MEDIUM, Severity.SYNTAX, Severity.HIGH_MAYBE, Severity.STRICT_CSP];
  assert.deepEqual(
    findingsIn(pagePolicy).filter(({ severity }) => grave.includes(severity)),
    [],
  );
  // It would matter if scripts of others were served from here.
  assert.deepEqual(
    findingsIn(pagePolicy).map(({ directive, value }) => [directive, value]),
    [['script-src', "'self'"]],
  );
});

test('the page runs, loads and asks only what comes from its own server', () => {
  assert.equal(
    pagePolicy,
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  assert.equal(securityHeaders['content-security-policy'], pagePolicy);
});

test('a report has its own styles and nothing else', () => {
  const html = `<style>p { color: red }</style><p style="top:1px">a</p><p style="font:&quot;x&quot;">b</p><p style="top:1px">`;
  const policy = reportPolicy(html);
  assert.equal(
    policy,
    `default-src 'none'; style-src 'unsafe-hashes' ${hash('p { color: red }')} ${hash('top:1px')} ${hash('font:"x"')}; ` +
      "img-src data:; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  );
  assert.deepEqual(findingsIn(policy), []);
});

test('a report without styles has none', () => {
  assert.match(reportPolicy('<p>a</p>'), /; style-src 'none'; /);
});
