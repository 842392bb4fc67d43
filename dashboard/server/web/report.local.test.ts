import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';
import { renderReport } from '../../../lab/report/html/page.ts';
import { reportOf } from '../../../lab/report/report.ts';
import { calmRun } from '../../../lab/report/testdata/runs.ts';
import { webOf } from './testdata/web.ts';

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
// Where everything is tested a browser has to be there: nothing may be passed over unseen.
const skip =
  executablePath === undefined && !process.env.CI ? 'no Chromium here: sudo apt-get install chromium' : false;

describe('a report under its policy', { skip }, () => {
  const runs = mkdtempSync(join(tmpdir(), 'loadline-runs-'));
  const report = renderReport(reportOf(calmRun()));
  const { app } = webOf({ runs });
  let browser: Browser;

  before(async () => {
    const add = (run: string, html: string) => {
      mkdirSync(join(runs, run));
      writeFileSync(join(runs, run, 'report.html'), html);
    };
    add('calm', report);
    // As if the report's own policy were not there.
    const bare = report.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, '');
    const intrusion = `<script>document.title = 'run'</script><img src="x" onerror="document.title = 'run'">`;
    add('hostile', bare.replace('<main>', `<main>${intrusion}`));
    assert.ok(executablePath, 'Chromium is not on this machine: sudo apt-get install chromium');
    await app.listen({ host: '127.0.0.1', port: 0 });
    const { port } = app.server.address() as AddressInfo;
    const args = ['--no-sandbox', `--host-resolver-rules=MAP localhost:8080 127.0.0.1:${port}`];
    browser = await chromium.launch({ executablePath, args });
  });
  after(async () => {
    await browser?.close();
    await app.close();
    rmSync(runs, { recursive: true });
  });

  /** The page of a run, and what the browser had to say about it. */
  async function opened(run: string): Promise<{ page: Page; said: string[] }> {
    const page = await browser.newPage();
    const said: string[] = [];
    page.on('console', message => void said.push(message.text()));
    const answer = await page.goto(`http://localhost:8080/runs/${run}/report.html`);
    assert.equal(answer?.status(), 200);
    return { page, said };
  }

  /** How the plots look. */
  const looks = (page: Page) =>
    page.evaluate<unknown[]>(`[...document.querySelectorAll('.drawing, .plot text')].map(one => {
      const { maxWidth, minWidth, fontSize, color } = getComputedStyle(one);
      return [maxWidth, minWidth, fontSize, color];
    })`);

  test('looks as its file does, and breaks no rule', async () => {
    const { page, said } = await opened('calm');
    const file = await browser.newPage();
    await file.setContent(report);
    const seen = await looks(page);
    assert.deepEqual(seen, await looks(file));
    assert.ok(seen.length > 50);
    assert.ok(new Set(seen.map(look => JSON.stringify(look))).size >= 3, 'the plots have sizes of their own');
    assert.deepEqual(said, []);
    await page.click('.answer a');
    assert.match(page.url(), /#\w/);
    await Promise.all([page.close(), file.close()]);
  });

  test('runs and loads nothing that found its way into it', async () => {
    const { page, said } = await opened('hostile');
    assert.match(await page.title(), /^Loadline: /);
    assert.equal(said.filter(text => /script|sandbox/i.test(text)).length > 0, true, said.join('\n'));
    assert.equal(await page.locator('h1').textContent(), 'The answer');
    await page.close();
  });
});
