import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { buildPage } from '../../lab/runtimes/local/page.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../testdata/browser.ts';
import { placeOn, sliderScale } from './numbers.ts';
import { DashboardProcess } from './testdata/dashboard-process.ts';
import { openPage } from './testdata/opened-page.ts';

const root = join(import.meta.dirname, '../..');
const TOKEN = 'a token of sixteen characters and more';

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

  test('it loads its own files alone, and paints within a second', async () => {
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

  test('a changed control is in force, in the address, and there when the page is loaded again', async () => {
    await using own = await DashboardProcess.start();
    await using open = await opened(own.address);
    const { page, mistakes } = open;
    await rateOf(page).fill('75');
    await rateOf(page).press('Enter');
    await page.waitForURL(/arrivalRate=75$/);
    await page.getByRole('slider', { name: 'Arrival rate' }).press('ArrowRight');
    const scale = sliderScale(5, 1000);
    await page.waitForURL(new RegExp(`arrivalRate=${scale[placeOn(scale, 75) + 1]}$`));
    await page.getByRole('radio', { name: 'closed' }).check();
    await page.getByLabel('What each request asks for').selectOption('work');
    await page.getByRole('checkbox', { name: /^async / }).check();
    const query = '?topologies=sync,async,hybrid&workload=work&units=40&ms=10&reads=2&users=20&thinkTime=1';
    await page.waitForURL(address => address.search === query);
    await page.reload();
    await page.getByRole('spinbutton', { name: 'Users' }).waitFor();
    assert.equal(new URL(page.url()).search, query);
    assert.deepEqual(mistakes, []);
  });

  test('of two pages the last change wins, and both show it', async () => {
    await using own = await DashboardProcess.start();
    await using first = await opened(own.address);
    await rateOf(first.page).fill('60');
    await rateOf(first.page).press('Enter');
    await first.page.waitForURL(/arrivalRate=60$/);
    await using second = await opened(`${own.address}/?arrivalRate=70`);
    for (const { page } of [first, second]) await page.waitForURL(/arrivalRate=70$/);
    await second.page.getByRole('button', { name: 'Pause' }).click();
    await first.page.getByRole('button', { name: 'Go', exact: true }).first().click();
    for (const { page } of [first, second]) {
      await page.getByRole('button', { name: 'Pause' }).waitFor();
      assert.equal(await rateOf(page).inputValue(), '70');
    }
  });

  test('when the server has been away the page comes back by itself, with what it showed', async () => {
    await using own = await DashboardProcess.start();
    await using open = await opened(`${own.address}/?topologies=async&workload=cpu&units=999999&charts=memory`);
    const { page } = open;
    const situation = page.getByText('async gets 1 request a second; each request computes 40,000 units');
    await situation.waitFor();
    assert.equal(await page.locator('.sized').count(), 1);
    await page.waitForURL(/arrivalRate=1/);
    await own.stop();
    const away = page.getByText('You need not reload the page.');
    await away.waitFor();
    assert.equal(await burstOf(page).isEnabled(), false);
    await own.start();
    await away.waitFor({ state: 'detached' });
    await situation.waitFor();
    await page.getByRole('radio', { name: 'closed' }).check();
    await page.waitForURL(/users=/);
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

  test('runs have their answers and reports; without any the page says how to make one', async () => {
    await using own = await DashboardProcess.start();
    await using open = await opened(own.address);
    const { page } = open;
    await page.getByText('./loadline compare --quick').waitFor();
    const run = join(own.runs, '2026-11-20T101500-quick');
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

  test('for runs that the dashboard may not read the page has the line that allows it', async () => {
    await using own = await DashboardProcess.start();
    const run = join(own.runs, '2026-11-20T101500-quick');
    mkdirSync(run, { mode: 0 });
    await using open = await opened(own.address);
    const { page } = open;
    const line = page.locator('#results pre');
    assert.equal(await line.textContent(), 'chmod -R a+rX runs/2026-11-20T101500-quick');
    await page.goto(`${own.address}/?plan`);
    await page.getByText('chmod -R a+rX runs').waitFor();
    chmodSync(own.runs, 0);
    for (const address of [own.address, `${own.address}/?plan`]) {
      await page.goto(address);
      await page.getByText('chmod -R a+rX runs').waitFor();
    }
    for (const path of [own.runs, run]) chmodSync(path, 0o755);
  });

  for (const [width, colorScheme] of [
    [360, 'light'],
    [768, 'dark'],
    [1280, 'light'],
    [1920, 'dark'],
  ] as const) {
    test(`at ${width} pixels in ${colorScheme} all states are accessible, and none scrolls sideways`, async () => {
      await using own = await DashboardProcess.start({ LOADLINE_PAGE_TOKEN: TOKEN });
      // The page's own policy would keep the checker out.
      await using open = await opened(own.address, {
        colorScheme,
        bypassCSP: true,
        viewport: { width, height: 720 },
      });
      const { page } = open;
      const check = async (state: string): Promise<void> => {
        assert.deepEqual(await violationsOn(page), [], state);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, state);
      };
      const enter = async (token: string): Promise<void> => {
        await page.getByLabel('Token').fill(token);
        await page.getByLabel('Token').press('Enter');
      };
      await enter('not the right one');
      await page.getByText('This is not the token').waitFor();
      await check('a wrong token');
      await enter(TOKEN);
      await rateOf(page).waitFor();
      assert.equal(await page.evaluate('document.cookie'), '', 'no script can read the session');
      await page.getByRole('button', { name: 'As a table' }).click();
      await page.getByRole('button', { name: 'Memory', exact: true }).click();
      await page.getByRole('button', { name: 'What is this? Throughput' }).first().click();
      await check('everything open');
      await page.keyboard.press('Escape');
      await page.getByRole('button', { name: 'Burst of 100' }).click();
      await page.getByRole('button', { name: 'Pause' }).click();
      await page.getByRole('radio', { name: 'closed' }).check();
      await page.locator('.toast').first().waitFor();
      await page.getByText('Paused: no load is sent.').waitFor();
      await check('paused, with a message');
      await own.stop();
      await page.getByText('You need not reload the page.').waitFor();
      await check('away');
    });
  }
});
