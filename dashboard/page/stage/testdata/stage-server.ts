import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type InlineConfig, preview } from 'vite';

/** The stage with its synthetic feed as a page of its own, with a policy as strict as the dashboard's. */
export async function serveStage() {
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
  const server = await preview(config);
  return {
    /** The address of a play, as `main.tsx` reads it: `topologies=sync,hybrid&arrivalRate=100`. */
    addressOf: (play: string): string => `${server.resolvedUrls?.local[0]}?${play}`,
    async [Symbol.asyncDispose](): Promise<void> {
      await server.close();
      rmSync(folder, { recursive: true });
    },
  };
}
