import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { build } from 'vite';

/** Bytes, compressed: what a browser loads to show the page, and what it loads besides to plan. */
const LARGEST_PAGE = 120_000;
const LARGEST_PLAN = 50_000;

describe('the built page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-built-'));
  let files: string[] = [];
  before(async () => {
    const configFile = join(import.meta.dirname, 'vite.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir: folder } });
    files = globSync('**/*.{html,js,css,svg}', { cwd: folder }).map(file => join(folder, file));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('is at most 120 kB, compressed, and the part that plans at most another 50 kB', context => {
    const page = loadedWith(join(folder, 'index.html'));
    const plan = files.filter(file => !page.has(file) && file.endsWith('.js'));
    assert.ok(plan.length >= 2, 'planning and its worker are loaded when they are asked for');
    for (const form of ['br', 'gz']) {
      const [bytes, more] = [[...page], plan].map(all => sizeOf(all, form));
      context.diagnostic(`${form}: page ${bytes} bytes, plan ${more}`);
      assert.ok(bytes !== undefined && bytes > 20_000 && bytes <= LARGEST_PAGE, `${bytes} bytes as ${form}`);
      assert.ok(more !== undefined && more > 10_000 && more <= LARGEST_PLAN, `${more} bytes to plan as ${form}`);
    }
  });

  test('holds nothing that only fitting a model needs', () => {
    const scripts = files.filter(file => file.endsWith('.js')).map(file => readFileSync(file, 'utf8'));
    for (const script of scripts) assert.doesNotMatch(script, /jStat|SingularValueDecomposition|dampingStepDown/);
  });

  test('has each file in two compressed forms, which hold the same', () => {
    assert.ok(files.length >= 4, files.join());
    for (const file of files) {
      const content = readFileSync(file);
      assert.deepEqual(brotliDecompressSync(readFileSync(`${file}.br`)), content);
      assert.deepEqual(gunzipSync(readFileSync(`${file}.gz`)), content);
    }
  });

  test('has no script and no style in its markup, and loads its own files alone', () => {
    const html = readFileSync(join(folder, 'index.html'), 'utf8');
    assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?![^>]*\ssrc=)/);
    const addresses = Array.from(html.matchAll(/(?:src|href)="([^"]*)"/g), ([, address = '']) => address);
    assert.ok(addresses.length >= 3);
    for (const address of addresses) assert.ok(existsSync(join(folder, address)), address);
    for (const sheet of files.filter(file => file.endsWith('.css'))) {
      assert.doesNotMatch(readFileSync(sheet, 'utf8'), /url\(|@import/);
    }
  });
});

function sizeOf(files: readonly string[], form: string): number {
  return files.reduce((sum, file) => sum + statSync(`${file}.${form}`).size, 0);
}

/** The file with all that it loads by itself, and what these load. */
function loadedWith(file: string, known = new Set<string>()): Set<string> {
  if (known.has(file)) return known;
  known.add(file);
  const text = readFileSync(file, 'utf8');
  const addresses = file.endsWith('.html')
    ? text.matchAll(/(?:src|href)="\/([^"]*)"/g)
    : text.matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]*)"/g);
  for (const [, address = ''] of addresses) loadedWith(join(dirname(file), address), known);
  return known;
}
