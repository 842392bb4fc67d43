import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findNginx, stopNginx } from '../lab/runtimes/local/nginx.ts';
import type { LocalStack } from '../lab/runtimes/local/stack.ts';

/**
 * A second nginx in front of the stack's workers that does as nginx before 1.29.7 did unless it was told otherwise:
 * a connection to a worker for each request. All else of its file is the stack's.
 */
export async function startWithoutKeepAlive(
  { folder, endpoints: [endpoint], statusUrl }: LocalStack,
  [port, statusPort]: readonly number[],
): Promise<AsyncDisposable & { readonly url: string }> {
  const program = await findNginx();
  if (program === undefined || endpoint === undefined) throw new Error('nginx does not run');
  const own = `${folder.nginx}-without-keep-alive`;
  const text = await readFile(join(folder.nginx, 'nginx.conf'), 'utf8');
  const replaced = [
    [folder.nginx, own],
    [new URL(endpoint.url).host, `127.0.0.1:${port}`],
    [new URL(statusUrl).host, `127.0.0.1:${statusPort}`],
    ['proxy_set_header Connection "";', 'proxy_set_header Connection close;'],
  ].reduce((rest, [from = '', to = '']) => {
    if (!rest.includes(from)) throw new Error(`nginx.conf has no ${from}`);
    return rest.replaceAll(from, to);
  }, text);
  await mkdir(own);
  await writeFile(join(own, 'nginx.conf'), replaced);
  await promisify(execFile)(program.path, ['-e', join(own, 'error.log'), '-c', join(own, 'nginx.conf'), '-p', own], {
    cwd: own,
  });
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: () => stopNginx(own) };
}
