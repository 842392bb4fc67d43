import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { type TourState, tourSteps } from '../../protocol.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../../testdata/browser.ts';
import { statesOf } from './testdata/states.ts';

describe('the tour in a browser', { skip: withoutBrowser }, () => {
  let browser: Browser;
  let html: string;
  let all: TourState[];
  before(async () => {
    html = await builtPage();
    all = (await Promise.all(tourSteps.map(step => statesOf(step)))).flat();
    browser = await openBrowser();
  });
  after(() => browser?.close());

  async function opened(options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage(options);
    await page.setContent(html);
    return page;
  }

  /** The step's states, in the order of its phases. */
  const statesAt = (step: TourState['step']) => all.filter(state => state.step === step);

  test('no state of any step has violations of accessibility rules', async () => {
    const page = await opened();
    const missing = await statesOf('C3', ['hybrid']);
    for (const state of [undefined, ...all, ...missing]) {
      await show(page, state);
      assert.deepEqual(await violationsUnfolded(page), [], `${state?.step} ${state?.phase}`);
    }
    await page.close();
  });

  test('in the dark every text can be read as well', async () => {
    const page = await opened({ colorScheme: 'dark' });
    for (const state of [undefined, ...statesAt('C4')]) {
      await show(page, state);
      assert.deepEqual(await violationsUnfolded(page), [], `${state?.phase}`);
    }
    await page.close();
  });

  test('no state of any step scrolls sideways at 360 pixels', async () => {
    const page = await opened({ viewport: { width: 360, height: 800 } });
    for (const state of all) {
      await show(page, state);
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360, `${state.step} ${state.phase}`);
    }
    await page.close();
  });

  test('who guesses and asks is shown what was measured, and what becomes of the guess', async () => {
    const page = await opened();
    const [ready, measuring, measured] = statesAt('C4');
    await show(page, ready);
    assert.equal(await page.getByRole('button', { name: /^Show me/ }).textContent(), 'Show me without a guess');
    await page.getByRole('radio', { name: 'They serve less' }).check();
    await page.getByRole('button', { name: 'Show me', exact: true }).click();
    assert.deepEqual(await page.evaluate('asked()'), ['POST /api/tour/measure {}']);
    await show(page, measuring);
    assert.match((await page.getByRole('status').textContent()) ?? '', /^Measuring (sync|hybrid)\.$/);
    assert.equal(await page.getByRole('progressbar').getAttribute('aria-label'), 'Measured so far');
    await show(page, measured);
    await page
      .getByText('You guessed “They serve less”. The figures say: “They serve more, and the CPUs are busier”.')
      .waitFor();
    assert.match((await page.getByRole('table').first().textContent()) ?? '', /^throughput.*sync.*\/s.*hybrid.*\/s/);
    await page.close();
  });

  test('Back and Next go to the steps beside, dots to any, and the end and the way out leave', async () => {
    const page = await opened();
    await show(page, statesAt('C4')[0]);
    for (const name of ['Back', 'Next', 'Step 9: One loop, or a loop for each CPU', 'Leave the tour']) {
      await page.getByRole('button', { name }).click();
    }
    assert.deepEqual(await page.evaluate('asked()'), [
      'POST /api/tour/enter {"step":"C3"}',
      'POST /api/tour/enter {"step":"C5"}',
      'POST /api/tour/enter {"step":"C12"}',
      'POST /api/tour/leave {}',
    ]);
    await show(page, statesAt('C12')[0]);
    await page.getByRole('button', { name: 'End the tour' }).click();
    assert.deepEqual(await page.evaluate('asked()'), ['POST /api/tour/leave {}']);
    await page.close();
  });

  test('with the keyboard alone one guesses, and reads on from the heading of the next step', async () => {
    const page = await opened();
    await show(page, statesAt('C4')[0]);
    await page.getByRole('radio').first().focus();
    await page.keyboard.press('ArrowDown');
    assert.ok(await page.getByRole('radio', { name: 'They serve more, and the CPUs are busier' }).isChecked());
    await page.getByRole('button', { name: 'Next' }).press('Enter');
    await show(page, statesAt('C5')[0]);
    await page.waitForFunction('document.activeElement?.tagName === "H2"');
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'The same, on a quiet day');
    await page.close();
  });

  test('who only watches may guess, and changes nothing', async () => {
    const page = await opened();
    await page.evaluate('lead(false)');
    await show(page, statesAt('C4')[0]);
    await page.getByRole('radio').first().check();
    for (const name of ['Show me', 'Back', 'Next', 'Leave the tour']) {
      assert.ok(await page.getByRole('button', { name }).isDisabled(), name);
    }
    await page.close();
  });

  test('a change that cannot be is told with its reason', async () => {
    const page = await opened();
    await page.evaluate('refuse("Somebody else drives.")');
    await page.getByRole('button', { name: 'Take the tour' }).click();
    assert.equal(await page.getByRole('alert').textContent(), 'Somebody else drives.');
    await page.close();
  });
});

/** The same with what is folded away: that is read too. */
async function violationsUnfolded(page: Page): Promise<string[]> {
  await page.evaluate('for (const one of document.querySelectorAll("details")) one.open = true');
  return violationsOn(page);
}

async function show(page: Page, state: TourState | undefined): Promise<void> {
  await page.evaluate(`show(${JSON.stringify(state) ?? 'undefined'})`);
  const title = state === undefined ? 'The guided tour' : `${tourSteps.indexOf(state.step) + 1} of`;
  await page.getByText(title).first().waitFor();
}

/** The panel on a page of its own, with the page's own styles. */
async function builtPage(): Promise<string> {
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
  const code = output.find(({ fileName }) => fileName.includes('alone') && fileName.endsWith('.js'))?.code;
  const style = output.find(({ fileName }) => fileName.endsWith('.css'))?.source;
  return `<!doctype html><html lang="en"><title>Tour</title><style>${style}</style><body><script type="module">${code}</script></body></html>`;
}
