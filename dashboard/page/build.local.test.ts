import assert from 'node:assert/strict';
import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
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
      const [bytes, more] = [[...page], plan].map(all => sumSizes(all, form));
      context.diagnostic(`${form}: page ${bytes} bytes, plan ${more}`);
      assert.ok(bytes !== undefined && bytes > 20_000 && bytes <= LARGEST_PAGE, `${bytes} bytes as ${form}`);
      assert.ok(more !== undefined && more > 10_000 && more <= LARGEST_PLAN, `${more} bytes to plan as ${form}`);
    }
  });
});

function sumSizes(files: readonly string[], form: string): number {
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
