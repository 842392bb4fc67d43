/** A program: `node nginx/write.ts FOLDER` writes there what nginx's container is started with, where it has changed. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LoadlineError } from '../errors/loadline-error.ts';
import { ConfigError } from '../services/environment.ts';
import { containerSettings } from './containers.ts';
import { nginxEnvironment } from './environment.ts';
import { renderNginx } from './render.ts';

const [folder = '.'] = process.argv.slice(2);

try {
  for (const [name, text] of Object.entries(rendered())) replace(join(folder, name), text);
} catch (error) {
  if (!(error instanceof ConfigError || error instanceof LoadlineError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

/** The text of each file. */
function rendered(): Record<string, string> {
  const { sites, absent, ...settings } = nginxEnvironment(process.env);
  return {
    'serve.sh': readFileSync(new URL('serve.sh', import.meta.url), 'utf8'),
    'nginx.conf': renderNginx(containerSettings(sites, absent, settings)),
  };
}

/** Nobody ever sees half of it, and where it is the same already, it is left as it is. */
function replace(path: string, text: string): void {
  if (textOf(path) === text) return;
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
