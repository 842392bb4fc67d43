import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { build } from 'vite';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";

/** The stage with its simulated feed, as a page that stands alone; its policy is as strict as the dashboard's. */
export class StageServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://stage').pathname;
    const file = path === '/' ? '/index.html' : path;
    const type = types[extname(file)];
    if (type === undefined) {
      response.writeHead(204).end();
      return;
    }
    response.writeHead(200, { 'content-type': type, 'content-security-policy': POLICY });
    response.end(readFileSync(join(this.#folder, file)));
  });

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Builds the page, and listens on a free port of loopback. */
  static async start(): Promise<StageServer> {
    const folder = mkdtempSync(join(tmpdir(), 'loadline-stage-'));
    await build({
      configFile: false,
      logLevel: 'warn',
      root: import.meta.dirname,
      base: './',
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      build: { outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
    });
    const started = new StageServer(folder);
    await new Promise<void>(resolve => {
      started.#server.listen(0, '127.0.0.1', resolve);
    });
    return started;
  }

  /** Of a play, as `main.tsx` reads it: `topologies=sync,hybrid&arrivalRate=100`. */
  addressOf(play: string): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The stage’s server is not listening');
    return `http://127.0.0.1:${address.port}/?${play}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise(resolve => {
      this.#server.close(resolve);
    });
    rmSync(this.#folder, { recursive: true });
  }
}
