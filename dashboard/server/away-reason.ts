import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { REASON_FILE } from '../../nginx/page.ts';
import { plainPage } from '../../nginx/plain-page.ts';
import type { PageConfigError } from './config.ts';
import { problemBody } from './web/refusal-page.ts';

/** Writes the page that nginx shows in the place of a dashboard that cannot start, beside the log of requests. */
export function writeAwayReason(requestLog: string, { detail, command }: PageConfigError): void {
  const body = problemBody({ title: 'The dashboard did not start', detail, command });
  writeFileSync(
    reasonBeside(requestLog),
    plainPage({ body: `${body}\n<p>This page asks for it again by itself.</p>` }),
  );
}

/** Removes that page. */
export function removeAwayReason(requestLog: string): void {
  rmSync(reasonBeside(requestLog), { force: true });
}

function reasonBeside(requestLog: string): string {
  return join(dirname(requestLog), REASON_FILE);
}
