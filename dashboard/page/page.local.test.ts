import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildPage } from '../../lab/runtimes/local/page.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../testdata/browser.ts';
import { logScale } from './log-scale.ts';
import { DashboardProcess } from './testdata/dashboard-process.ts';
import { openPage } from './testdata/opened-page.ts';

const root = join(import.meta.dirname, '../..');
const USER_TOKEN = 'a token of sixteen characters and more';

describe('the page in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let dashboard: DashboardProcess;
  before(async () => {
    await buildPage({ root, signal: AbortSignal.timeout(60_000), say: () => {} });
    browser = await openBrowser();
    dashboard = await DashboardProcess.start();
  });
  after(async () => {
    await browser?.close();
    await dashboard?.[Symbol.asyncDispose]();
  });

  const opened = (address: string, options?: BrowserContextOptions) => openPage(browser, address, options);

  const rateOf = (page: Page) => page.getByRole('spinbutton', { name: 'Arrival rate' });
  const burstOf = (page: Page) => page.getByRole('button', { name: 'Burst of 5', exact: true });
  const mayDrive = (page: Page) => burstOf(page).isEnabled();

  test('it loads what its policy allows and nothing else, and paints within a second', async () => {
    await using first = await opened(dashboard.address);
    await rateOf(first.page).waitFor();
    const hosts = new Set<string>();
    await using second = await opened('about:blank');
    second.page.on('request', request => void hosts.add(new URL(request.url()).origin));
    await second.page.goto(dashboard.address);
    await rateOf(second.page).waitFor();
    const paint = await second.page.evaluate<number>(
      'performance.getEntriesByName("first-contentful-paint")[0].startTime',
    );
    assert.ok(paint <= 1000, `first paint after ${Math.round(paint)} ms`);
    assert.deepEqual([...hosts], [dashboard.address]);
    assert.deepEqual([...first.mistakes, ...second.mistakes], []);
  });

  test('a changed control is in force, stands in the address, and is there when the page is loaded again', async () => {
    await using own = await DashboardProcess.start();
    await using open = await opened(own.address);
    const { page, mistakes } = open;
    await rateOf(page).fill('75');
    await rateOf(page).press('Enter');
    await page.waitForURL(/arrivalRate=75$/);
    await page.getByRole('slider', { name: 'Arrival rate' }).press('ArrowRight');
    const { valueAt, placeOf } = logScale(5, 1000);
    await page.waitForURL(new RegExp(`arrivalRate=${valueAt(placeOf(75) + 1)}$`));
    await page.getByRole('radio', { name: 'Closed' }).check();
    await page.getByLabel('What each request asks for').selectOption('work');
    await page.getByRole('button', { name: /^async / }).click();
    const query = 'topologies=sync,async,hybrid&workload=work&units=40&ms=10&reads=2&users=20&thinkTime=1';
    await page.waitForURL(address => address.search === `?${query}`);
    await page.reload();
    await page.getByRole('spinbutton', { name: 'Users' }).waitFor();
    assert.equal(await mayDrive(page), true, 'it goes on driving');
    assert.equal(new URL(page.url()).search, `?${query}`);
    assert.deepEqual(mistakes, []);
  });

  test('who comes second watches, is told why nothing can be changed, and drives when the first has left', async () => {
    await using own = await DashboardProcess.start();
    const first = await opened(own.address);
    await rateOf(first.page).fill('60');
    await first.page.getByRole('button', { name: 'Pause' }).click();
    await first.page.waitForURL(/arrivalRate=60&running=no$/);
    await using second = await opened(`${own.address}/?arrivalRate=500`);
    const { page } = second;
    await page.getByText('Somebody else drives: you see what they see').waitFor();
    assert.equal(await mayDrive(page), false);
    assert.equal(await rateOf(page).isDisabled(), true);
    assert.equal(await rateOf(page).inputValue(), '60');
    await page.getByRole('button', { name: 'Take the wheel' }).first().click();
    await page.getByText('Somebody else still drives.').waitFor();
    await first[Symbol.asyncDispose]();
    // For some seconds the wheel is kept for a page that is loaded again.
    await burstOf(page).click({ trial: true });
    await page.getByRole('button', { name: 'Go', exact: true }).first().click();
    await page.waitForURL(/arrivalRate=60$/);
  });

  test('the settings of an address are asked for when nobody drives', async () => {
    await using own = await DashboardProcess.start();
    await using open = await opened(`${own.address}/?topologies=async&workload=cpu&units=999999&charts=memory`);
    await open.page.getByText('async gets 1 request a second; a request computes 40,000 units').waitFor();
    assert.equal(await open.page.locator('.sized').count(), 1);
  });

  test('when the server has been away the page comes back by itself, with what it showed', async () => {
    await using lasting = await DashboardProcess.start();
    await using open = await opened(`${lasting.address}/?topologies=async&arrivalRate=33`);
    const { page } = open;
    await page.getByText('async gets 33 requests a second').waitFor();
    // Only who drives writes what is in force into the address, whole.
    await page.waitForURL(/workload=/);
    await lasting.stop();
    await page.getByText('The page comes back by itself').waitFor();
    assert.equal(await mayDrive(page), false);
    await lasting.start();
    await page.getByText('The page comes back by itself').waitFor({ state: 'detached' });
    await page.getByText('async gets 33 requests a second').waitFor();
    await page.getByRole('radio', { name: 'Closed' }).check();
    await page.waitForURL(/users=20/);
  });

  test('a page that others can reach asks for its token, and opens with the right one', async () => {
    await using guarded = await DashboardProcess.start({ LOADLINE_PAGE_TOKEN: USER_TOKEN });
    await using open = await opened(guarded.address);
    const { page } = open;
    const token = page.getByLabel('Token');
    await token.fill('not the right one');
    await token.press('Enter');
    await page.getByText('This is not the token').waitFor();
    // After a wrong one the server hears no other for a moment.
    const wrongAt = await page.evaluate(() => performance.now());
    await page.waitForFunction(at => performance.now() > at + 500, wrongAt);
    await token.fill(USER_TOKEN);
    await token.press('Enter');
    await rateOf(page).waitFor();
    assert.equal(await page.evaluate('document.cookie'), '', 'no script can read the session');
  });

  test('every word has its explanation, which opens and closes by keyboard', async () => {
    await using open = await opened(dashboard.address);
    const { page } = open;
    await rateOf(page).waitFor();
    const buttons = page.getByRole('button', { name: /^What is this\?/ });
    const count = await buttons.count();
    assert.ok(count >= 20, `${count} explanations`);
    for (let place = 0; place < count; place += 1) {
      const button = buttons.nth(place);
      await button.press('Enter');
      const meaning = page.locator('.meaning:popover-open');
      const box = await meaning.boundingBox();
      assert.ok(box && box.x >= 0 && box.x + box.width <= 1280 && box.y >= 0 && box.y + box.height <= 720);
      await page.keyboard.press('Escape');
      await meaning.waitFor({ state: 'detached' });
      assert.equal(await button.evaluate(element => element === document.activeElement), true);
    }
  });

  test('runs are listed with their answers, and without any the page says how to make one', async () => {
    await using open = await opened(dashboard.address);
    const { page } = open;
    await page.getByText('./loadline compare --quick').waitFor();
    const run = join(dashboard.runs, '2026-11-20T101500-quick');
    mkdirSync(run);
    writeFileSync(join(run, 'trials.jsonl'), '');
    writeFileSync(join(run, 'comparison.json'), JSON.stringify({ experiment: 'quick', runtime: 'local' }));
    writeFileSync(join(run, 'summary.md'), '# quick\n\n- wait: hybrid carries most.\n\n');
    writeFileSync(join(run, 'report.html'), '<!doctype html><title>Loadline: quick</title><p>The answer</p>');
    await page.reload();
    await page.getByText('wait: hybrid carries most.').waitFor();
    await page.getByRole('link', { name: 'Open the report' }).click();
    await page.waitForURL(/\/runs\/2026-11-20T101500-quick\/report\.html$/);
    assert.equal(await page.title(), 'Loadline: quick');
  });

  test('runs that the dashboard may not read are told of, with the line that lets it', async () => {
    await using own = await DashboardProcess.start();
    const run = join(own.runs, '2026-11-20T101500-quick');
    mkdirSync(run, { mode: 0 });
    await using open = await opened(own.address);
    const line = open.page.locator('#results pre');
    assert.equal(await line.textContent(), 'chmod -R a+rX runs/2026-11-20T101500-quick');
    chmodSync(own.runs, 0);
    await open.page.reload();
    assert.equal(await line.textContent(), 'chmod -R a+rX runs');
    await open.page.goto(`${own.address}/?plan`);
    await open.page.getByText('who may not read the folder runs. Allow it: chmod -R a+rX runs').waitFor();
    chmodSync(own.runs, 0o755);
    await open.page.reload();
    await open.page.getByText('who may not read the runs. Allow it: chmod -R a+rX runs').waitFor();
    chmodSync(run, 0o755);
  });

  for (const width of [360, 768, 1280, 1920]) {
    test(`at ${width} pixels nothing scrolls sideways`, async () => {
      await using open = await opened(dashboard.address, { viewport: { width, height: 720 } });
      await rateOf(open.page).waitFor();
      await open.page.getByRole('button', { name: 'As a table' }).click();
      assert.equal(await open.page.evaluate('document.documentElement.scrollWidth'), width);
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`no state of the page has a violation of accessibility rules in ${colorScheme}`, async () => {
      await using server = await DashboardProcess.start({ LOADLINE_PAGE_TOKEN: USER_TOKEN });
      // The page's own policy would keep the checker out.
      const look = { colorScheme, bypassCSP: true };
      await using open = await opened(server.address, look);
      const { page } = open;
      await page.getByLabel('Token').waitFor();
      await assertAccessible(page, 'asked for a token');
      await page.getByLabel('Token').fill(USER_TOKEN);
      await page.getByLabel('Token').press('Enter');
      await rateOf(page).waitFor();
      await page.getByRole('button', { name: 'As a table' }).click();
      await page.getByRole('button', { name: 'Memory', exact: true }).click();
      await page.getByRole('button', { name: 'What is this? Throughput X' }).first().click();
      await assertAccessible(page, 'everything open');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Burst of 100' }).click();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('radio', { name: 'Closed' }).check();
      await page.locator('.toast').first().waitFor();
      await page.getByText('Paused: no load is sent.').waitFor();
      await assertAccessible(page, 'paused, with a message');
      const other = await page.context().newPage();
      await other.goto(server.address);
      await other.getByText('Somebody else drives.').first().waitFor();
      await assertAccessible(other, 'watching');
      await server.stop();
      await page.getByText('The page comes back by itself').waitFor();
      await assertAccessible(page, 'away');
    });
  }
});

async function assertAccessible(page: Page, state: string): Promise<void> {
  assert.deepEqual(await violationsOn(page), [], state);
}
