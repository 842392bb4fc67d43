import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';
import { paletteSheet } from '../../lab/view/palette.ts';

// Neither the page nor its worker uses the quantiles of model/statistics.ts, for which jStat is there.
const withoutJStat = { treeshake: { moduleSideEffects: [{ test: /jstat/, sideEffects: false }] } };

// biome-ignore lint/style/noDefaultExport: Vite reads the default export
export default defineConfig({
  root: import.meta.dirname,
  plugins: [palette(), compressed()],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { rolldownOptions: withoutJStat },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The page's policy allows files of its own alone: nothing is put into a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: withoutJStat,
    reportCompressedSize: false,
  },
});

/** Adds the palette, which the page has in common with the reports, to its style. */
function palette(): Plugin {
  return {
    name: 'palette',
    transform: { filter: { id: /page\/style\.css$/ }, order: 'pre', handler: style => `${style}${paletteSheet}` },
  };
}

/** Writes each file of the built page beside itself in two compressed forms, so that serving it takes no work. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle: ({ dir }) => {
      if (dir === undefined) return;
      for (const file of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg)$/.test(file)) continue;
        const path = join(dir, file);
        const content = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(content));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}
