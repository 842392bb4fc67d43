/** A program: `node nginx/write.ts FOLDER` writes there what nginx's container is started with, where it has changed. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError, stackConfig } from '../services/config.ts';
import { type ContainerSite, containerSettings, publishedPorts, sitesOf } from './containers.ts';
import { renderPage } from './page.ts';
import { renderNginx } from './render.ts';

const [folder = '.'] = process.argv.slice(2);
const { LOADLINE_SITES, LOADLINE_MEASURING, LOADLINE_ACCESS_LOG, LOADLINE_OPEN_FILES, LOADLINE_PUBLISHED } =
  process.env;

try {
  write(folder, LOADLINE_SITES ? { sites: JSON.parse(LOADLINE_SITES), absent: [] } : stack());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
}

interface Stack {
  readonly sites: readonly ContainerSite[];
  readonly absent: ReturnType<typeof stackConfig>['absent'];
}

function stack(): Stack {
  const { deployments, absent } = stackConfig();
  return { sites: sitesOf(deployments), absent };
}

function write(folder: string, { sites, absent }: Stack): void {
  const settings = {
    measuring: Boolean(LOADLINE_MEASURING),
    accessLog: Boolean(LOADLINE_ACCESS_LOG),
    openFiles: Number(LOADLINE_OPEN_FILES ?? Number.NaN),
    folder,
  };
  const page = renderPage(
    sites.map(({ deployment }) => deployment),
    absent,
    publishedPorts(LOADLINE_PUBLISHED),
  );
  const files = {
    'index.html': page,
    'serve.sh': readFileSync(new URL('serve.sh', import.meta.url), 'utf8'),
    'nginx.conf': renderNginx(containerSettings(sites, absent, settings)),
  };
  for (const [name, text] of Object.entries(files)) {
    process.stdout.write(`${name} ${replace(join(folder, name), text) ? 'written' : 'is as it was'}\n`);
  }
}

/** Whether the file was another one; nobody ever sees half of it. */
function replace(path: string, text: string): boolean {
  if (textOf(path) === text) return false;
  writeFileSync(`${path}.new`, text, { mode: 0o644 });
  renameSync(`${path}.new`, path);
  return true;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
