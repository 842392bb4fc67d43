import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { type TourOutcome, type TourState, type TourStep, tourSteps } from '../../protocol.ts';
import { SimulatedStack } from '../../server/tour/testdata/simulated-stack.ts';
import { createTour } from '../../server/tour/tour.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../../testdata/browser.ts';

describe('the tour in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let html: string;
  let c4: TourState[];
  before(async () => {
    html = await buildPage();
    c4 = await watchStates('C4');
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function opened(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage(options);
    await page.setContent(html);
    return page;
  }

  test('every state of every step is accessible and does not scroll sideways at 360 pixels', async () => {
    const page = await opened({ viewport: { width: 360, height: 800 } });
    const all = await Promise.all(tourSteps.map(step => watchStates(step)));
    for (const state of [undefined, ...all.flat(), ...(await watchStates('C3', ['hybrid']))]) {
      await show(page, state);
      // What is folded away is read too.
      await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
      assert.deepEqual(await violationsOn(page), [], `${state?.step} ${state?.phase}`);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${state?.step} ${state?.phase}`);
    }
    await page.close();
  });

  test('in dark mode every text is readable', async () => {
    const page = await opened({ colorScheme: 'dark' });
    for (const state of [undefined, ...c4]) {
      await show(page, state);
      assert.deepEqual(await violationsOn(page), [], `${state?.phase}`);
    }
    await page.close();
  });

  test('a guess is compared with what was measured', async () => {
    const page = await opened();
    const [ready, measuring, measured] = c4;
    await show(page, ready);
    assert.equal(await page.getByRole('button', { name: /^Show me/ }).textContent(), 'Show me without a guess');
    await page.getByRole('radio', { name: 'They serve less' }).check();
    await page.getByRole('button', { name: 'Show me', exact: true }).click();
    assert.deepEqual(await page.evaluate('asked()'), ['POST /api/tour/measure {}']);
    await show(page, measuring);
    assert.match((await page.getByRole('status').textContent()) ?? '', /^Measuring (sync|hybrid)\.$/);
    for (const [answer, text] of [
      [1, 'You guessed “They serve less”. The figures say: “They serve more, and the CPUs are busier”.'],
      [3, 'You guessed “They serve less”, and so it is.'],
      ['none', 'You guessed “They serve less”. The figures support none of the guesses.'],
      ['undecided', 'You guessed “They serve less”. Undecided: the figures cannot tell on this machine.'],
    ] as const) {
      await show(page, measured && { ...measured, outcome: { ...(measured.outcome as TourOutcome), answer } });
      await page.getByText(text).waitFor();
    }
    assert.match((await page.getByRole('table').first().textContent()) ?? '', /^throughput.*sync.*\/s.*hybrid.*\/s/);
    await page.close();
  });

  test('buttons, dots and the keyboard lead through the steps, and the focus goes to their headings', async () => {
    const page = await opened();
    await show(page, c4[0]);
    for (const name of ['Back', 'Step 9: One loop, or a loop for each CPU', 'Leave the tour']) {
      await page.getByRole('button', { name }).click();
    }
    await page.getByRole('radio').first().focus();
    await page.keyboard.press('ArrowDown');
    assert.ok(await page.getByRole('radio', { name: 'They serve more, and the CPUs are busier' }).isChecked());
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    assert.deepEqual(await page.evaluate('asked()'), [
      ...['C3', 'C12'].map(step => `POST /api/tour/enter {"step":"${step}"}`),
      'POST /api/tour/leave {}',
      'POST /api/tour/enter {"step":"C5"}',
    ]);
    await show(page, (await watchStates('C5'))[0]);
    await page.waitForFunction('document.activeElement?.textContent === "The same, on a quiet day"');
    await show(page, (await watchStates('C12'))[0]);
    await page.getByRole('button', { name: 'End the tour' }).click();
    assert.deepEqual(await page.evaluate('asked()'), ['POST /api/tour/leave {}']);
    await page.close();
  });

  test('a page that only watches may guess, and changes nothing', async () => {
    const page = await opened();
    await show(page, c4[0], { mayDrive: false });
    await page.getByRole('radio').first().check();
    for (const name of ['Show me', 'Back', 'Next', 'Leave the tour']) {
      assert.ok(await page.getByRole('button', { name }).isDisabled(), name);
    }
    await page.close();
  });

  test('a refused change is shown with its reason', async () => {
    const page = await opened();
    await show(page, undefined, { refusal: 'Another viewer drives.' });
    await page.getByRole('button', { name: 'Take the tour' }).click();
    assert.equal(await page.getByRole('alert').textContent(), 'Another viewer drives.');
    await page.close();
  });
});

async function show(page: Page, state: TourState | undefined, more: object = {}): Promise<void> {
  await page.evaluate(`show(${JSON.stringify({ state, ...more })})`);
  const title = state === undefined ? 'The guided tour' : `${tourSteps.indexOf(state.step) + 1} of`;
  await page.getByText(title).first().waitFor();
}

/** A step on a simulated stack: ready, in the middle of measuring, and measured; or only ready if it lacks topologies. */
async function watchStates(step: TourStep, names?: readonly string[]): Promise<TourState[]> {
  const { director, observation, stack, clock, cpus } = new SimulatedStack(names);
  const tour = createTour(director, observation, stack, { clock, cpus });
  await tour.enter(step);
  const states = [tour.state as TourState];
  if (tour.state?.failure !== undefined) return states;
  tour.measure();
  await new Promise<void>(resolve => {
    tour.onChange = () => {
      const { state } = tour;
      if (state?.phase === 'measured') resolve();
      if (state?.phase === 'measured' || ((state?.progress ?? 0) > 0.5 && states.length === 1)) {
        states.push(state as TourState);
      }
    };
  });
  return states;
}

/** The panel on a page of its own, with the page's styles. */
async function buildPage(): Promise<string> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    root: join(import.meta.dirname, '..'),
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      rolldownOptions: {
        input: [join(import.meta.dirname, 'testdata/alone.tsx'), join(import.meta.dirname, '../style.css')],
      },
    },
  });
  const { output } = [built].flat()[0] as { output: { fileName: string; code?: string; source?: unknown }[] };
  const code = output.find(({ fileName }) => /alone.*\.js$/.test(fileName))?.code;
  const style = output.find(({ fileName }) => fileName.endsWith('.css'))?.source;
  return `<!doctype html><html lang="en"><title>Tour</title><style>${style}</style><body><script type="module">${code}</script></body></html>`;
}
