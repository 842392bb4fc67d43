import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** A page in a browser, in a context of its own. */
export interface OpenedPage extends AsyncDisposable {
  readonly page: Page;
  /** What went wrong in it. */
  readonly mistakes: string[];
}

/** Opens an address, by default in a window of 1280 × 720. */
export async function openPage(
  browser: Browser,
  address: string,
  options: BrowserContextOptions = {},
): Promise<OpenedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 720 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const mistakes: string[] = [];
  page.on('pageerror', error => void mistakes.push(String(error)));
  page.on('console', message => message.type() === 'error' && mistakes.push(message.text()));
  await page.goto(address);
  return { page, mistakes, [Symbol.asyncDispose]: () => context.close() };
}
