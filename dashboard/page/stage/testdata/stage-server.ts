import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type InlineConfig, type PreviewServer, preview } from 'vite';

/** The stage with its synthetic feed as a page of its own, with a policy as strict as the dashboard's. */
export class StageServer implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: PreviewServer;

  private constructor(folder: string, server: PreviewServer) {
    this.#folder = folder;
    this.#server = server;
  }

  /** Builds the page, and listens on a free port of loopback. */
  static async start(): Promise<StageServer> {
    const folder = mkdtempSync(join(tmpdir(), 'loadline-stage-'));
    const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";
    const config: InlineConfig = {
      configFile: false,
      logLevel: 'warn',
      root: import.meta.dirname,
      base: './',
      oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
      build: { outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
      preview: { host: '127.0.0.1', port: 0, headers: { 'content-security-policy': policy } },
    };
    await build(config);
    return new StageServer(folder, await preview(config));
  }

  /** The address of a play, as `main.tsx` reads it: `topologies=sync,hybrid&arrivalRate=100`. */
  addressOf(play: string): string {
    return `${this.#server.resolvedUrls?.local[0]}?${play}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    rmSync(this.#folder, { recursive: true });
  }
}
