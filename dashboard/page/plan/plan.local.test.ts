import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { decidePlan } from '../../../lab/plan/plan.ts';
import { describePrediction, describeRecommendation } from '../../../lab/report/plan/plan-words.ts';
import { buildPage } from '../../../lab/runtimes/local/page.ts';
import { topologyNames, topologyOf } from '../../../model/topology.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../../testdata/browser.ts';
import { placeOn, sliderScale } from '../numbers.ts';
import { DashboardProcess } from '../testdata/dashboard-process.ts';
import { openPage } from '../testdata/opened-page.ts';
import { allowedInputs, type PlanInputs, questionFor } from './inputs.ts';
import { fittedToTwo } from './testdata/fitted.ts';

const root = join(import.meta.dirname, '../../..');
const RUN = '2026-11-27T090515-quick';

describe('the page of plans in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let dashboard: DashboardProcess;
  before(async () => {
    await buildPage({ root, signal: AbortSignal.timeout(60_000), say: () => {} });
    browser = await openBrowser();
    dashboard = await DashboardProcess.start();
    addRun(dashboard, RUN, fittedToTwo);
  });
  after(async () => {
    await browser?.close();
    await dashboard?.[Symbol.asyncDispose]();
  });

  const opened = (query: string, options?: BrowserContextOptions) =>
    openPage(browser, `${dashboard.address}/?plan=${RUN}${query}`, options);
  const answerBy = (page: Page, by: string) => page.locator(`.plan-answer[data-by="${by}"] .answer`);
  const answered = async (page: Page, asked: Partial<PlanInputs>, by: 'formulas' | 'simulation'): Promise<void> =>
    assert.equal(await answerBy(page, by).textContent(), answerTo(asked, by));

  test('a link leads here from the stage; formulas answer each move, then the simulation does', async () => {
    await using open = await openPage(browser, dashboard.address);
    const { page, mistakes } = open;
    await page.getByRole('link', { name: 'Plan', exact: true }).click();
    await answered(page, {}, 'simulation');
    const said = page.locator('.plan-answer [aria-live]');
    assert.equal(await said.textContent(), answerTo({}, 'simulation'));
    const scale = sliderScale(1, 100_000);
    const place = placeOn(scale, 400) + 10;
    const shown = await page.evaluate(move, ['Arrival rate', place] as const);
    const asked = { arrivalRate: scale[place] ?? 0 };
    assert.deepEqual(shown, { by: 'formulas', answer: answerTo(asked, 'formulas'), said: '' });
    await answered(page, asked, 'simulation');
    await page.getByRole('slider', { name: 'Growth' }).press('ArrowRight');
    assert.equal(await page.getByRole('spinbutton', { name: 'Growth' }).inputValue(), '1.1');
    await page.waitForURL(/growth=1\.1&/);
    assert.deepEqual(mistakes, []);
  });

  test('the question is in the address, and asked again when the page is loaded', async () => {
    await using open = await opened('&arrivalRate=200&databaseWait=2');
    const { page, mistakes } = open;
    await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).fill('4');
    await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).press('Enter');
    await page.getByRole('checkbox', { name: 'Limit the database connections' }).check();
    await page.getByRole('radio', { name: 'elsewhere' }).check();
    await page.getByRole('combobox', { name: 'Objective' }).selectOption('p95');
    await page.getByRole('checkbox', { name: 'sync', exact: true }).uncheck();
    const topologies = topologyNames.filter(name => name !== 'sync');
    const query =
      `?plan=${RUN}&workload=wait&arrivalRate=200&quantilePercent=95&objectiveMs=250&growth=1&headroomPercent=0&cpus=4` +
      `&databaseConnections=100&databaseWait=2&generator=elsewhere&topologies=${topologies.join(',')}`;
    await page.waitForURL(address => address.search === query);
    await page.reload();
    const machine = { cpus: 4, databaseConnections: 100, generator: 'elsewhere' } as const;
    await answered(
      page,
      { arrivalRate: 200, databaseWait: 2, quantilePercent: 95, topologies, ...machine },
      'simulation',
    );
    assert.deepEqual(mistakes, []);
  });

  test('an answer too far beyond the measurements is refused until it is asked for', async () => {
    await using open = await opened('&arrivalRate=200&cpus=16');
    const { page } = open;
    await page.locator('[data-refused="true"]').waitFor();
    await page
      .getByRole('region', { name: 'Extrapolation' })
      .getByText(/CPUs of a machine: 16.*too far/)
      .waitFor();
    assert.equal(await page.getByRole('table').count(), 0);
    await page.getByRole('checkbox', { name: /^Answer beyond what was measured/ }).check();
    await answered(page, { arrivalRate: 200, cpus: 16, extrapolate: true }, 'simulation');
    await page.waitForURL(/&extrapolate=yes$/);
  });

  test('a simulation that cannot start leaves the answer of the formulas', async () => {
    await using open = await openPage(browser, 'about:blank');
    const { page } = open;
    await page.context().route(/simulation\.worker/, route => route.abort());
    await page.goto(`${dashboard.address}/?plan=${RUN}`);
    await page.getByText('It did not start.').waitFor();
    await answered(page, {}, 'formulas');
  });

  test('a run without a model, and one with a damaged model, leave the choice of a run', async () => {
    await using own = await DashboardProcess.start();
    await using open = await openPage(browser, `${own.address}/?plan`);
    const { page, mistakes } = open;
    await page.getByText('./loadline compare quick').waitFor();
    await page.goto(`${dashboard.address}/?plan=2026-01-01T000000-gone`);
    await page.getByText(`2026-01-01T000000-gone has no model to plan with`).waitFor();
    const run = page.getByRole('combobox', { name: 'Run' });
    assert.equal(await run.inputValue(), RUN);
    mistakes.length = 0;
    const [cut, empty] = ['2026-11-28T090515-cut', '2026-11-27T090515-null'];
    addRun(own, cut, { schema: 2, workloads: [] });
    addRun(own, empty, null);
    await page.goto(`${own.address}/?plan`);
    await page.getByText(`The model of ${cut} cannot be read`).waitFor();
    await run.selectOption(empty);
    await page.getByText(`The model of ${empty} cannot be read`).waitFor();
    assert.equal(await run.inputValue(), '');
    assert.deepEqual(mistakes, []);
  });

  test('the topologies to choose from are those of the run', async () => {
    await using own = await DashboardProcess.start();
    const hybrid = { ...topologyOf('hybrid'), name: 'own' };
    addRun(own, RUN, { ...fittedToTwo, topologies: [topologyOf('sync'), hybrid, topologyOf('async-express')] });
    await using open = await openPage(browser, `${own.address}/?plan=${RUN}&topologies=own,async-express`);
    const { page } = open;
    const isChosen = (name: string) => page.getByRole('checkbox', { name, exact: true }).isChecked();
    await page.getByRole('rowheader', { name: /^own/ }).waitFor();
    assert.deepEqual([await isChosen('sync'), await isChosen('own')], [false, true]);
    assert.equal(await page.getByRole('checkbox', { name: 'hybrid' }).count(), 0);
    await page.getByRole('region', { name: 'Rejected' }).getByText('async-express').waitFor();
  });

  for (const [width, colorScheme] of [
    [360, 'dark'],
    [768, 'light'],
    [1280, 'dark'],
    [1920, 'light'],
  ] as const) {
    test(`at ${width} pixels in ${colorScheme} all states are accessible, and none scrolls sideways`, async () => {
      await using open = await opened('&memoryMB=4000', {
        colorScheme,
        // The page's own policy would keep the checker out.
        bypassCSP: true,
        viewport: { width, height: 720 },
        reducedMotion: 'reduce',
      });
      const { page } = open;
      const check = async (state: string): Promise<void> => {
        assert.deepEqual(await violationsOn(page), [], state);
        assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width, state);
      };
      await answerBy(page, 'simulation').waitFor();
      await check('answered');
      if (width >= 1280) assert.equal(await page.evaluate(tableOverflow), 0);
      await page.getByRole('button', { name: 'What is this? Headroom' }).press('Enter');
      await check('explained');
      await page.keyboard.press('Escape');
      await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).fill('16');
      await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).press('Enter');
      await page.locator('[data-refused="true"]').waitFor();
      await check('refused');
    });
  }
});

function addRun(dashboard: DashboardProcess, run: string, model: unknown): void {
  const folder = join(dashboard.runs, run);
  mkdirSync(folder);
  writeFileSync(join(folder, 'trials.jsonl'), '');
  writeFileSync(join(folder, 'model.json'), JSON.stringify(model));
}

/** What the page should answer. */
function answerTo(asked: Partial<PlanInputs>, decide: 'formulas' | 'simulation'): string {
  const inputs = allowedInputs(asked, fittedToTwo);
  const { extrapolate } = inputs;
  const plan = decidePlan(fittedToTwo, questionFor(inputs, fittedToTwo), { decide, extrapolate });
  const [best] = plan.recommendations;
  assert.ok(best);
  return `${describeRecommendation(best)} ${describePrediction(best, plan)}`;
}

interface ShownAnswer {
  readonly by: string | undefined;
  readonly answer: string | null | undefined;
  readonly said: string | null | undefined;
}

/** Runs in the page: moves a slider, and returns what the next frame shows. */
function move([name, place]: readonly [name: string, place: number]): Promise<ShownAnswer> {
  const slider = document.querySelector<HTMLInputElement>(`input[type="range"][aria-label="${name}"]`);
  if (slider === null) throw new Error(`there is no slider ${name}`);
  slider.value = String(place);
  slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
  return new Promise(resolve => {
    requestAnimationFrame(() =>
      requestAnimationFrame(() => {
        const shown = document.querySelector<HTMLElement>('.plan-answer');
        const textOf = (selector: string) => shown?.querySelector(selector)?.textContent;
        resolve({ by: shown?.dataset.by, answer: textOf('.answer'), said: textOf('[aria-live]') });
      }),
    );
  });
}

/** Runs in the page: pixels of the table that must be scrolled to. */
function tableOverflow(): number {
  const table = document.querySelector('.scroll');
  return table === null ? Number.NaN : table.scrollWidth - table.clientWidth;
}
