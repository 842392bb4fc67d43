import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { decidePlan } from '../../../lab/plan/plan.ts';
import { buildPage } from '../../../lab/runtimes/local/page.ts';
import { topologyNames, topologyOf } from '../../../model/topology.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../../testdata/browser.ts';
import { logScale } from '../log-scale.ts';
import { DashboardProcess } from '../testdata/dashboard-process.ts';
import { openPage } from '../testdata/opened-page.ts';
import { allowedInputs, type PlanInputs } from './inputs.ts';
import { sentenceOf } from './plan-words.ts';
import { questionOf } from './question-of.ts';
import { fittedToTwo } from './testdata/fitted.ts';
import { type Shown, slide } from './testdata/slide.ts';

const root = join(import.meta.dirname, '../../..');
const RUN = '2026-11-27T090515-quick';

describe('the page of plans in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let dashboard: DashboardProcess;
  before(async () => {
    await buildPage({ root, signal: AbortSignal.timeout(60_000), say: () => {} });
    browser = await openBrowser();
    dashboard = await DashboardProcess.start();
    const run = join(dashboard.runs, RUN);
    mkdirSync(run);
    writeFileSync(join(run, 'trials.jsonl'), '');
    writeFileSync(join(run, 'model.json'), JSON.stringify(fittedToTwo));
  });
  after(async () => {
    await browser?.close();
    await dashboard?.[Symbol.asyncDispose]();
  });

  const opened = (address: string, options?: BrowserContextOptions) => openPage(browser, address, options);

  const planOf = (asked: Partial<PlanInputs>, decide: 'formulas' | 'simulation') => {
    const inputs = allowedInputs(asked, fittedToTwo);
    const { extrapolate } = inputs;
    return decidePlan(fittedToTwo, questionOf(inputs, fittedToTwo), { decide, extrapolate });
  };
  const sentenceFor = (...asked: Parameters<typeof planOf>) => sentenceOf(planOf(...asked), fittedToTwo.topologies);
  const answerBy = (page: Page, who: string) => page.locator(`.plan-answer[data-by="${who}"] .plan-sentence`);
  const shownBy = async (page: Page, who: string) => (await answerBy(page, who).textContent()) ?? '';

  test('one gets there from the stage, and a moved slider gets the answer of the planner, then of the simulation', async () => {
    await using open = await opened(dashboard.address);
    const { page, mistakes } = open;
    await page.getByRole('link', { name: 'Plan', exact: true }).click();
    assert.equal(await shownBy(page, 'simulation'), sentenceFor({}, 'simulation'));
    const scale = logScale(1, 100_000);
    const arrivalRate = scale.valueAt(scale.placeOf(400) + 10);
    const shown: Shown = await page.evaluate(slide, ['Arrival rate', scale.placeOf(arrivalRate)] as const);
    assert.deepEqual(shown, { by: 'formulas', sentence: sentenceFor({ arrivalRate }, 'formulas') });
    assert.notEqual(shown.sentence, sentenceFor({}, 'formulas'));
    assert.equal(await shownBy(page, 'simulation'), sentenceFor({ arrivalRate }, 'simulation'));
    const rows = await page.getByRole('table').locator('tbody tr').count();
    assert.equal(rows, planOf({ arrivalRate }, 'simulation').recommendations.length);
    assert.deepEqual(mistakes, []);
  });

  test('what is asked stands in the address, and is asked again when the page is loaded', async () => {
    await using open = await opened(`${dashboard.address}/?plan=${RUN}&arrivalRate=200&databaseWait=2`);
    const { page, mistakes } = open;
    await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).fill('4');
    await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).press('Enter');
    await page.getByRole('checkbox', { name: 'Limit the database connections' }).check();
    await page.getByRole('radio', { name: 'elsewhere' }).check();
    await page.getByRole('combobox', { name: 'Objective' }).selectOption('p95');
    await page.getByRole('checkbox', { name: 'sync', exact: true }).uncheck();
    const others = topologyNames.filter(name => name !== 'sync');
    const query =
      `?plan=${RUN}&workload=wait&arrivalRate=200&quantilePercent=95&objectiveMs=250&growth=1&headroomPercent=0&cpus=4` +
      `&databaseConnections=100&databaseWait=2&generator=elsewhere&topologies=${others.join(',')}`;
    await page.waitForURL(address => address.search === query);
    await page.reload();
    const asked = {
      arrivalRate: 200,
      databaseWait: 2,
      cpus: 4,
      databaseConnections: 100,
      generator: 'elsewhere',
      quantilePercent: 95,
      topologies: others,
    } as const;
    assert.equal(await shownBy(page, 'simulation'), sentenceFor(asked, 'simulation'));
    assert.equal(await page.getByRole('spinbutton', { name: 'Database connections' }).inputValue(), '100');
    assert.deepEqual(mistakes, []);
  });

  test('a slider is moved by keyboard', async () => {
    await using open = await opened(`${dashboard.address}/?plan=${RUN}&growth=1`);
    const { page } = open;
    await page.getByRole('slider', { name: 'Growth' }).press('ArrowRight');
    assert.equal(await page.getByRole('spinbutton', { name: 'Growth' }).inputValue(), '1.1');
    await page.waitForURL(/growth=1\.1&/);
  });

  test('what lies too far beyond the measurements is refused until somebody wants it all the same', async () => {
    await using open = await opened(`${dashboard.address}/?plan=${RUN}&arrivalRate=200&cpus=16`);
    const { page } = open;
    const sentence = page.locator('.plan-sentence');
    await sentence.filter({ hasText: 'The answer asks more than quick (24 trials) lets the model say' }).waitFor();
    await page.getByText(/8 times the most that was measured \(2 CPUs\): too far, beyond the 4 times/).waitFor();
    assert.equal(await page.getByRole('table').count(), 0);
    await page.getByRole('checkbox', { name: /^Answer beyond what was measured/ }).check();
    const asked = { arrivalRate: 200, cpus: 16, extrapolate: true };
    assert.equal(await shownBy(page, 'simulation'), sentenceFor(asked, 'simulation'));
    await page.waitForURL(/&extrapolate=yes$/);
  });

  test('a simulation that cannot start leaves the answer of the formulas', async () => {
    await using open = await opened('about:blank');
    const { page } = open;
    await page.context().route(/thorough\.worker/, route => route.abort());
    await page.goto(`${dashboard.address}/?plan=${RUN}`);
    await page.getByText('By formulas: the simulation broke down. It did not start.').waitFor();
    assert.equal(await shownBy(page, 'formulas'), sentenceFor({}, 'formulas'));
  });

  test('what is read out is the answer that nothing more comes after', async () => {
    await using open = await opened(`${dashboard.address}/?plan=${RUN}`);
    const { page } = open;
    const said = page.locator('.plan-answer [aria-live]');
    await answerBy(page, 'simulation').waitFor();
    assert.equal(await said.textContent(), sentenceFor({}, 'simulation'));
    await page.evaluate(slide, ['Arrival rate', 10] as const);
    assert.equal(await said.textContent(), '');
  });

  test('without a model the page says how to make one, and a run that has none is told', async () => {
    await using empty = await DashboardProcess.start();
    await using open = await opened(`${empty.address}/?plan`);
    await open.page.getByText('./loadline compare quick').waitFor();
    await open.page.goto(`${empty.address}/?plan=2026-01-01T000000-gone`);
    await open.page.getByText('2026-01-01T000000-gone has no model to plan with').waitFor();
    await open.page.goto(`${dashboard.address}/?plan=2026-01-01T000000-gone`);
    await open.page.getByText(`Until then the plan is made with ${RUN}.`).waitFor();
    assert.equal(await open.page.getByRole('combobox', { name: 'Run' }).inputValue(), RUN);
  });

  test('a damaged model leaves the choice of a run', async () => {
    await using odd = await DashboardProcess.start();
    for (const [name, model] of [
      ['2026-11-28T090515-cut', '{"schema":2,"workloads":[]}'],
      ['2026-11-27T090515-null', 'null'],
    ] as const) {
      mkdirSync(join(odd.runs, name));
      writeFileSync(join(odd.runs, name, 'trials.jsonl'), '');
      writeFileSync(join(odd.runs, name, 'model.json'), model);
    }
    await using open = await opened(`${odd.address}/?plan`);
    const { page, mistakes } = open;
    const told = (name: string) =>
      page.getByText(`The model of ${name} cannot be read: ./loadline report ${name} makes it again.`).waitFor();
    await told('2026-11-28T090515-cut');
    const run = page.getByRole('combobox', { name: 'Run' });
    assert.equal(await run.inputValue(), '');
    await run.selectOption('2026-11-27T090515-null');
    await told('2026-11-27T090515-null');
    assert.equal(await run.inputValue(), '');
    assert.deepEqual(mistakes, []);
  });

  test('the topologies to choose from are those of the run, whether they ship or not', async () => {
    await using other = await DashboardProcess.start();
    const own = { ...topologyOf('hybrid'), name: 'own' };
    mkdirSync(join(other.runs, RUN));
    writeFileSync(join(other.runs, RUN, 'trials.jsonl'), '');
    const model = { ...fittedToTwo, topologies: [topologyOf('sync'), own, topologyOf('async-express')] };
    writeFileSync(join(other.runs, RUN, 'model.json'), JSON.stringify(model));
    await using open = await opened(`${other.address}/?plan=${RUN}&topologies=own,async-express`);
    const { page, mistakes } = open;
    const chosen = (name: string) => page.getByRole('checkbox', { name, exact: true });
    await page.locator('.plan-answer[data-by="simulation"]').waitFor();
    assert.deepEqual([await chosen('sync').isChecked(), await chosen('own').isChecked()], [false, true]);
    assert.equal(await chosen('hybrid').count(), 0);
    assert.equal(await page.getByRole('rowheader', { name: /^own/ }).count(), 1);
    await page.getByRole('region', { name: 'Rejected' }).getByText('async-express').waitFor();
    assert.deepEqual(mistakes, []);
  });

  for (const width of [360, 768, 1280, 1920]) {
    test(`at ${width} pixels nothing scrolls sideways`, async () => {
      await using open = await opened(`${dashboard.address}/?plan=${RUN}&memoryMB=4000`, {
        viewport: { width, height: 720 },
      });
      await open.page.locator('.plan-sentence').waitFor();
      assert.equal(await open.page.evaluate('document.documentElement.scrollWidth'), width);
    });
  }

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [360, 1280]) {
      test(`no state has a violation of accessibility rules in ${colorScheme} at ${width} pixels`, async () => {
        // The page's own policy would keep the checker out.
        const look = {
          colorScheme,
          bypassCSP: true,
          viewport: { width, height: 720 },
          reducedMotion: 'reduce',
        } as const;
        await using open = await opened(`${dashboard.address}/?plan=${RUN}&memoryMB=4000`, look);
        const { page } = open;
        await page.locator('.plan-sentence').waitFor();
        assert.deepEqual(await violationsOn(page), [], 'answered');
        await page.getByRole('button', { name: 'What is this? Headroom' }).press('Enter');
        assert.deepEqual(await violationsOn(page), [], 'explained');
        await page.keyboard.press('Escape');
        await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).fill('16');
        await page.getByRole('spinbutton', { name: 'CPUs of a machine' }).press('Enter');
        await page.locator('.plan-sentence', { hasText: 'The answer asks more than' }).waitFor();
        assert.deepEqual(await violationsOn(page), [], 'refused');
      });
    }
  }
});
