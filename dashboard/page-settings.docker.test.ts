/** What people see at the page, and in the log, of settings of `docker compose up` that it does not work with. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { OwnProject } from '../lab/runtimes/compose/testdata/own-project.ts';
import { ReferenceProject } from '../lab/runtimes/compose/testdata/reference-project.ts';
import { claimPorts } from '../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../lab/runtimes/local/testdata/interrupted-test.ts';
import { withoutDocker } from '../services/testdata/docker-engine.ts';
import { openBrowser, withoutBrowser } from './testdata/browser.ts';
import { Watcher } from './testdata/watcher.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const USER_TOKEN = 'a-token-of-sixteen-characters-and-more';
/** Seconds from a change of the scale to when the page has it. */
const SEEN = 30;
const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 200;

describe('the page of the reference stack', { skip: withoutDocker() || withoutBrowser }, () => {
  let project: OwnProject;
  let reference: ReferenceProject;
  let browser: Browser;
  let address: string;

  before(async () => {
    browser = await openBrowser();
    project = await OwnProject.make(stopWhenInterrupted);
    const ports = await claimPorts(1);
    project.keep(ports);
    const [port = 0] = ports.ports;
    address = `http://127.0.0.1:${port}`;
    reference = await ReferenceProject.prepare(root, project, { COMPOSE_PROFILES: 'hybrid', PORT_PAGE: `${port}` });
    await reference.build();
  });

  after(async () => {
    await browser?.close();
    await project?.remove();
  });

  test('says that other machines need a token, opens by itself once it has one, and is let in with it', async () => {
    const elsewhere = reference.with({ PAGE_ADDRESS: '0.0.0.0' });
    await assert.rejects(elsewhere.compose('up', '--detach', '--wait'));
    assert.match(await elsewhere.compose('logs', 'dashboard'), /LOADLINE_PAGE_TOKEN is not set.*PAGE_TOKEN=/);
    await using page = await browser.newPage();
    await page.goto(address);
    const line = page.locator('pre');
    assert.match(
      (await line.textContent()) ?? '',
      /^PAGE_ADDRESS=0\.0\.0\.0 PAGE_TOKEN=\S.* docker compose -p \S+ up$/,
    );
    await elsewhere.with({ PAGE_TOKEN: USER_TOKEN }).compose('up', '--detach', '--wait');
    await page.getByLabel('Token').fill(USER_TOKEN, { timeout: PATIENCE_MS });
    await page.getByLabel('Token').press('Enter');
    await page.getByRole('button', { name: 'Burst of 5' }).click({ timeout: PATIENCE_MS });
  });

  test('says while a topology is scaled what to use instead, and so does the log', async () => {
    await reference.compose('up', '--detach', '--wait');
    await using watcher = await Watcher.listen(await reference.urlOf(8080), false);
    const scaled = () => watcher.state?.scaled?.[0];
    assert.equal(scaled(), undefined);
    await using page = await browser.newPage();
    await page.goto(address);
    await reference.compose('up', '--detach', '--wait', '--scale', 'hybrid=3');
    await watcher.until(() => /^hybrid has 3 containers/.test(scaled()?.told ?? ''), SEEN);
    assert.match(scaled()?.command ?? '', /^PROCESSES=\d+ docker compose -p \S+ up$/);
    await page.locator('.scaled').getByText('hybrid has 3 containers').waitFor({ timeout: PATIENCE_MS });
    assert.match(await reference.compose('logs', 'dashboard'), /hybrid has 3 containers.*PROCESSES=/);
    await reference.compose('up', '--detach', '--wait');
    await watcher.until(() => scaled() === undefined, SEEN);
    await page.locator('.scaled p').waitFor({ state: 'detached', timeout: PATIENCE_MS });
    await untilLogged('hybrid no longer has several containers');
  });

  async function untilLogged(words: string): Promise<void> {
    const limit = performance.now() + PATIENCE_MS;
    while (!(await reference.compose('logs', 'dashboard')).includes(words)) {
      assert.ok(performance.now() < limit, `not in the log: ${words}`);
      await delay(LOOK_EVERY_MS);
    }
  }
});
