/** What the dashboard does in a real browser, on a real stack, whatever the stack runs in. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser, ConsoleMessage, Page } from 'playwright-core';
import { type DeploymentId, type DotCompletion, type Totals, type TourStep, tourSteps } from '../protocol.ts';
import { openBrowser, violationsOn } from './browser.ts';
import { Watcher } from './watcher.ts';

/** A stack with its dashboard. */
export interface OpenStack {
  /** Where browsers find the page. */
  readonly url: string;
  /** Ends the dashboard's server, and has it started again. */
  readonly restartServer: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Milliseconds: the longest step of the tour, on a machine that has other work too. */
const STEP_MS = 60_000;
const PATIENCE_MS = 20_000;

/** Why a suite or a test of it is skipped. */
export interface Skipped {
  readonly suite: string | false;
  /** The tour takes longer than all else together. */
  readonly tour?: string | false;
}

/** The suite over a stack with the topologies of the tour. */
export function dashboardSuite(name: string, { suite, tour = false }: Skipped, open: () => Promise<OpenStack>): void {
  describe(name, { skip: suite }, () => {
    let stack: OpenStack;
    let browser: Browser;
    let page: Page;
    const complaints: string[] = [];

    before(async () => {
      browser = await openBrowser();
      stack = await open();
      page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
      page.setDefaultTimeout(PATIENCE_MS);
      page.on('console', (message: ConsoleMessage) => {
        // While the server is away requests fail, and the browser says so.
        if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) {
          complaints.push(message.text());
        }
      });
      page.on('pageerror', error => complaints.push(String(error)));
      await page.goto(stack.url);
    });

    after(async () => {
      await browser?.close();
      await stack?.close();
    });

    const button = (label: string | RegExp) => page.getByRole('button', { name: label }).first();
    const happened = (text: RegExp) => page.locator('.happened li').filter({ hasText: text }).first().waitFor();

    test('a page that was just opened shows requests that move', async () => {
      await page.locator('.stage-canvas').waitFor();
      await using watcher = await Watcher.listen(stack.url);
      await watcher.until(() => watcher.frames.some(({ arrivals }) => arrivals.length > 0));
      // Each waits 20 ms for the database: k6, nginx and the worker agree on it.
      const isServed = ([, worker, begunAt, databaseWait, endedAt, status]: DotCompletion) =>
        worker >= 0 && databaseWait >= 0.018 && endedAt - begunAt >= databaseWait && status === 200;
      await watcher.until(() => watcher.frames.some(({ completions }) => completions.some(isServed)));
      const before = await picture(page);
      await page.waitForFunction(paintedOtherwise, before);
    });

    test('every control does what it says', async () => {
      await using watcher = await Watcher.listen(stack.url);
      const settings = () => watcher.state?.settings;
      await page.getByRole('spinbutton', { name: 'Arrival rate' }).fill('40');
      await page.keyboard.press('Enter');
      await watcher.until(() => JSON.stringify(settings()?.load) === '{"model":"open","arrivalRate":40}');
      const slider = page.getByRole('slider', { name: 'Arrival rate' });
      await slider.focus();
      const faster = () => {
        const load = settings()?.load;
        return load?.model === 'open' && load.arrivalRate > 40;
      };
      await page.keyboard.press('ArrowRight');
      await watcher.until(faster);
      // The address follows.
      await page.waitForURL(/[?&]\w+=4\d\b/);

      const chip = (topology: string) => page.getByRole('checkbox', { name: new RegExp(`^${topology}\\b`) }).first();
      const shown = (topology: string) => settings()?.deployments.includes(watcher.idOf(topology)) ?? false;
      await chip('async').click();
      await watcher.until(() => shown('async'));
      await chip('async').click();
      await watcher.until(() => !shown('async'));

      await page.getByRole('combobox').selectOption('work');
      await watcher.until(() => settings()?.workload.route === 'work');
      await page.getByRole('combobox').selectOption('wait');
      await watcher.until(() => settings()?.workload.route === 'wait');
      await page.getByRole('spinbutton', { name: 'Wait' }).fill('30');
      await page.keyboard.press('Enter');
      await watcher.until(() => settings()?.workload.parameters.ms === 30);

      await page.getByRole('radio', { name: 'Closed' }).check();
      await watcher.until(() => settings()?.load.model === 'closed');
      await page.getByRole('spinbutton', { name: 'Users' }).fill('7');
      await page.keyboard.press('Enter');
      // The page is drawn again with seven users while this is typed.
      await page.getByRole('spinbutton', { name: 'Think time' }).fill('0.5');
      await watcher.until(() => JSON.stringify(settings()?.load).includes('"users":7'));
      await page.keyboard.press('Enter');
      await watcher.until(() => JSON.stringify(settings()?.load) === '{"model":"closed","users":7,"thinkTime":0.5}');
      await page.getByRole('radio', { name: 'Open' }).check();
      await watcher.until(() => settings()?.load.model === 'open');

      await button('Pause').click();
      await watcher.until(() => watcher.state?.rest === 'paused');
      // Nothing else is sent now: what is counted is the burst.
      await watcher.until(() => sentIn(watcher) === 0);
      const bursts: [burst: () => Promise<void>, requests: number][] = [
        [() => button('Burst of 100').click(), 100],
        [() => button('Burst of 5').click(), 5],
        [() => ownBurst(20), 20],
      ];
      for (const [send, requests] of bursts) {
        const before = await watcher.totals();
        await send();
        for (const id of ['sync', 'hybrid'].map(topology => watcher.idOf(topology))) {
          await reaches(async () => sentTo(await watcher.totals(), id), sentTo(before, id) + requests);
        }
      }
      await button('Go').click();
      await watcher.until(() => watcher.state?.rest === undefined);

      await button('Hold the CPU for 2 s').click();
      await watcher.until(() =>
        watcher.seconds.slice(-3).some(({ deployments }) => (deployments[watcher.idOf('hybrid')]?.p99 ?? 0) > 1),
      );
      await button(/^Limit to 10 database connections of hybrid/).click();
      await watcher.until(() => watcher.state?.databaseConnections[watcher.idOf('hybrid')] === 10);
      await button(/^Lift the limit/).click();
      await watcher.until(() => watcher.state?.databaseConnections[watcher.idOf('hybrid')] === undefined);
      await button('Take it away for 5 s').click();
      await watcher.until(() => watcher.marks.some(({ kind }) => kind === 'database-away'));
      await watcher.until(() => watcher.marks.some(({ kind }) => kind === 'database-back'));
      await button('As a table').click();
      await page.getByRole('table').first().waitFor();
      await button(/^What is this\? arrival rate/i).click();
      await page.locator('.meaning:popover-open').waitFor();
      await page.keyboard.press('Escape');
      assert.deepEqual(await violationsOn(page), []);
    });

    test('a worker that is ended is seen to go and to come back', async () => {
      await using watcher = await Watcher.listen(stack.url);
      await button(/^End worker hybrid-1\.1/).click();
      await watcher.until(() => watcher.marks.some(of('worker-ended', 'hybrid-1.1')));
      await watcher.until(() => watcher.marks.some(of('worker-back', 'hybrid-1.1')));
      await happened(/hybrid-1\.1.*(ended|gone)/i);
      await happened(/hybrid-1\.1.*(back|again)/i);
    });

    test('the page comes back by itself when its server was away', async () => {
      await stack.restartServer();
      await using watcher = await Watcher.listen(stack.url);
      await page.locator('.away').waitFor({ state: 'hidden' });
      // It has a token of the new server: what it asks for is done.
      await button('Pause').click();
      await watcher.until(() => watcher.state?.settings.running === false);
      await button(/^Go/).click();
      await watcher.until(() => watcher.state?.settings.running === true);
    });

    test('the tour is played from its start to its end, and nginx and k6 agree on what it counted', {
      skip: tour,
    }, async t => {
      await button('Take the tour').click();
      for (const [index, step] of tourSteps.entries()) {
        await page.getByText(`Step ${index + 1} of ${tourSteps.length}`).waitFor();
        assert.deepEqual(await violationsOn(page), [], `${step}, before the guess`);
        await page.getByRole('group', { name: /\?$/ }).getByRole('radio').first().check();
        await button('Show me').click();
        const outcome = page.locator('.tour-outcome');
        await outcome.or(page.locator('.tour-problem')).waitFor({ timeout: STEP_MS });
        assert.equal(await page.locator('.tour-problem').count(), 0, (await page.locator('.tour').textContent()) ?? '');
        t.diagnostic(`${step}: ${await outcome.locator('p').nth(1).textContent()}`);
        assert.deepEqual(await violationsOn(page), [], `${step}, measured`);
        await requireEqualCounts(step);
        if (index < tourSteps.length - 1) await button('Next').click();
      }
      await button('End the tour').click();
      await button('Take the tour').waitFor();
    });

    test('nothing that the page did was against its own policy or failed', () => {
      assert.deepEqual(complaints, []);
    });

    async function ownBurst(requests: number): Promise<void> {
      await page.getByRole('spinbutton', { name: 'Requests of a burst' }).fill(`${requests}`);
      await page.keyboard.press('Tab');
      await button(`Send a burst of ${requests}`).click();
    }

    /** The numbers of the step as the page shows them, counted by nginx and by k6. */
    async function requireEqualCounts(step: TourStep): Promise<void> {
      await page.getByText('Counted twice').click();
      const [byNginx, byK6] = await Promise.all(['nginx', 'k6'].map(countsBy));
      assert.ok(byNginx && byK6 && byK6.size > 0, step);
      assert.deepEqual([...byNginx.keys()], [...byK6.keys()], step);
      for (const [topology, k6] of byK6) {
        const nginx = byNginx.get(topology) ?? 0;
        assert.ok(k6 > 0 && Math.abs(nginx - k6) <= 0.05 * k6, `${step}, ${topology}: nginx ${nginx}, k6 ${k6}`);
      }
    }

    async function countsBy(who: string): Promise<Map<string, number>> {
      const table = page.getByRole('table', { name: new RegExp(`^answered, as ${who} counted`) });
      const rows = await table.getByRole('row').all();
      const counts = rows.map(async row => {
        const topology = await row.getByRole('rowheader').textContent();
        const shown = await row.getByRole('cell').last().textContent();
        return [topology ?? '', Number((shown ?? '').replaceAll(/[^\d.]/g, ''))] as const;
      });
      return new Map(await Promise.all(counts));
    }
  });
}

function of(kind: string, worker: string) {
  return (mark: { readonly kind: string; readonly worker?: string }) => mark.kind === kind && mark.worker === worker;
}

/** Requests a second that k6 sent in the latest second, at all deployments. */
function sentIn({ seconds }: Watcher): number {
  const deployments = Object.values(seconds.at(-1)?.deployments ?? {});
  return deployments.length === 0 ? Number.NaN : deployments.reduce((sum, { offeredLoad }) => sum + offeredLoad, 0);
}

/** Requests that k6 has sent to the deployment. */
function sentTo({ k6 }: Totals, id: DeploymentId): number {
  return k6[id]?.sent ?? 0;
}

/** Waits until `count` is what it is to become, and no more than that. */
async function reaches(count: () => Promise<number>, wanted: number): Promise<void> {
  const limit = performance.now() + PATIENCE_MS;
  for (let now = await count(); now !== wanted; now = await count()) {
    assert.ok(now < wanted && performance.now() < limit, `${now}, not ${wanted}`);
    await delay(100);
  }
}

/** What the canvas shows, in a text that differs when it does. */
function picture(page: Page): Promise<string> {
  return page.evaluate(`document.querySelector('.stage-canvas').toDataURL()`);
}

/** Runs in the page. */
const paintedOtherwise = `before => document.querySelector('.stage-canvas').toDataURL() !== before`;
