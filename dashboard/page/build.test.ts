import assert from 'node:assert/strict';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { build } from 'vite';

/** Bytes, compressed, in all. */
const LARGEST_PAGE = 120_000;

describe('the built page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'loadline-built-'));
  let files: string[] = [];
  before(async () => {
    const configFile = join(import.meta.dirname, 'vite.config.ts');
    await build({ configFile, logLevel: 'error', build: { outDir: folder } });
    files = globSync('**/*.{html,js,css,svg}', { cwd: folder }).map(file => join(folder, file));
  });
  after(() => rmSync(folder, { recursive: true }));

  test('is at most 120 kB, compressed, in all', () => {
    for (const form of ['br', 'gz']) {
      const bytes = files.reduce((sum, file) => sum + statSync(`${file}.${form}`).size, 0);
      assert.ok(bytes > 20_000 && bytes <= LARGEST_PAGE, `${bytes} bytes as ${form}`);
    }
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
