import { join } from 'node:path';
import { build } from 'vite';

/** Builds the stage with its simulated feed into `folder`: a page that stands alone. */
export async function buildStagePage(folder: string): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: join(import.meta.dirname),
    base: './',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: { outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
  });
}
