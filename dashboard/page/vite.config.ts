import { defineConfig } from 'vite';
import { compressed } from './compressed.ts';

// Neither the page nor its worker uses the quantiles of model/statistics.ts, for which jStat is there.
const withoutJStat = { treeshake: { moduleSideEffects: [{ test: /jstat/, sideEffects: false }] } };

// biome-ignore lint/style/noDefaultExport: Vite reads the default export
export default defineConfig({
  root: import.meta.dirname,
  plugins: [compressed()],
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
