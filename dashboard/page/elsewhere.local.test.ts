/** The page where people put it: behind their own nginx with TLS, through a tunnel, on another machine. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findNginx, startNginx, stopNginx } from '../../lab/runtimes/local/nginx.ts';
import { buildPage } from '../../lab/runtimes/local/page.ts';
import { claimPorts } from '../../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../../lab/runtimes/local/testdata/interrupted-test.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../testdata/browser.ts';
import { DashboardProcess } from './testdata/dashboard-process.ts';
import { openPage } from './testdata/opened-page.ts';
import { TlsProxy } from './testdata/tls-proxy.ts';

const root = join(import.meta.dirname, '../..');
const NAME = 'b.example';
const OTHER_MACHINE = '192.0.2.7';
/** Of an event on its way to the page. */
const EVENT_LIMIT_MS = 3000;
const USER_TOKEN = 'a token of sixteen characters and more';

/** What people write into their nginx; the port of the page is not the one that browsers use. */
const proxies: [sentence: string, location: string, shown: 'by the server' | 'in the page'][] = [
  ['asks by its own address, as nginx does', 'proxy_pass http://PAGE;', 'in the page'],
  ['hands the name on', 'proxy_pass http://PAGE; proxy_set_header Host $http_host;', 'by the server'],
  ['asks by the name of an upstream', 'proxy_pass http://loadline;', 'by the server'],
];

describe('the page elsewhere', { skip: withoutBrowser }, () => {
  let browser: Browser;
  before(async () => {
    await buildPage({ root, signal: AbortSignal.timeout(60_000), say: () => {} });
    browser = await openBrowser([NAME, 'box.example', OTHER_MACHINE]);
  });
  after(() => browser?.close());

  const opened = (address: string, options: BrowserContextOptions = {}) =>
    openPage(browser, address, { ignoreHTTPSErrors: true, ...options });

  for (const [sentence, location, shown] of proxies) {
    test(`behind a TLS proxy that ${sentence} the first screen has a line to type, with which everything works`, async () => {
      await using proxied = await ProxiedDashboard.start();
      await using proxy = await TlsProxy.start({
        page: proxied.page,
        name: NAME,
        location: location.replace('PAGE', new URL(proxied.page).host),
      });
      await using open = await opened(proxy.origin);
      const { page } = open;
      const line = (await page.locator('pre').textContent()) ?? '';
      assert.match(line, /^LOADLINE_PAGE_HOSTS=https:\/\/b\.example:\d+\S* \.\/loadline up$/);
      assert.ok(line.includes(proxy.origin), line);
      assert.equal(await page.locator('#page').count(), shown === 'in the page' ? 1 : 0);
      await proxied.restart({ LOADLINE_PAGE_HOSTS: /=(\S+)/.exec(line)?.[1] ?? '' });
      // The server's page is still; that of the dashboard opens by itself.
      if (shown === 'by the server') await page.reload();
      await assertEverythingWorks(page);
    });
  }

  test('behind a TLS proxy the token is asked for once, and its session stays behind TLS', async () => {
    await using proxied = await ProxiedDashboard.start({ LOADLINE_PAGE_TOKEN: USER_TOKEN });
    await using proxy = await TlsProxy.start({
      page: proxied.page,
      name: NAME,
      location: `proxy_pass ${proxied.page};`,
    });
    await proxied.restart({ LOADLINE_PAGE_HOSTS: proxy.origin });
    await using open = await opened(proxy.origin);
    await logIn(open.page);
    await assertEverythingWorks(open.page);
    const [cookie] = await open.page.context().cookies();
    assert.equal(cookie?.secure, true);
  });

  // A forwarder of TCP on another port stands in for `ssh -L`: the browser's request arrives byte for byte as it was sent.
  for (const host of ['127.0.0.1', 'localhost']) {
    test(`through a tunnel at another port of ${host} everything works, with nothing set`, async () => {
      await using proxied = await ProxiedDashboard.start();
      await using tunnel = await forward(proxied.page);
      await using open = await opened(`http://${host}:${tunnel.port}`);
      await assertEverythingWorks(open.page);
    });
  }

  test('on another machine’s address everything works with the token alone', async () => {
    await using proxied = await ProxiedDashboard.start({
      LOADLINE_PUBLISHED_ON: '0.0.0.0',
      LOADLINE_PAGE_TOKEN: USER_TOKEN,
    });
    await using open = await opened(proxied.page.replace('127.0.0.1', OTHER_MACHINE));
    await logIn(open.page);
    await assertEverythingWorks(open.page);
  });

  test('under another machine’s name the first screen has the line to type', async () => {
    await using proxied = await ProxiedDashboard.start({
      LOADLINE_PUBLISHED_ON: '0.0.0.0',
      LOADLINE_PAGE_TOKEN: USER_TOKEN,
    });
    const address = proxied.page.replace('127.0.0.1', 'box.example');
    await using open = await opened(address);
    const { page } = open;
    assert.equal(await page.locator('pre').textContent(), `LOADLINE_PAGE_HOSTS=${address} ./loadline up`);
    await proxied.restart({ LOADLINE_PAGE_HOSTS: address });
    await page.reload();
    await logIn(page);
    await assertEverythingWorks(page);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    test(`what is shown in the page’s place has no violation of accessibility rules in ${colorScheme}`, async () => {
      await using proxied = await ProxiedDashboard.start();
      await using rewriting = await TlsProxy.start({
        page: proxied.page,
        name: NAME,
        location: `proxy_pass ${proxied.page};`,
      });
      const served = proxied.page.replace('127.0.0.1', 'box.example');
      for (const address of [rewriting.origin, `${rewriting.origin}/?plan`, served]) {
        await using open = await opened(address, {
          colorScheme,
          bypassCSP: true,
          viewport: { width: 360, height: 720 },
        });
        await open.page.getByRole('heading', { name: 'Loadline does not know this address' }).waitFor();
        assert.deepEqual(await violationsOn(open.page), [], address);
        assert.equal(await open.page.evaluate('document.documentElement.scrollWidth'), 360);
      }
    });
  }
});

/** The dashboard behind Loadline's own nginx; neither topologies nor k6 are behind it. */
class ProxiedDashboard implements AsyncDisposable {
  readonly page: string;
  readonly #dashboard: DashboardProcess;
  readonly #held: AsyncDisposableStack;

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<ProxiedDashboard> {
    await using held = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'loadline-elsewhere-'));
    held.defer(() => rm(folder, { recursive: true, force: true }));
    const claim = held.use(await claimPorts(2));
    const [statusPort = 0, port = 0] = claim.ports;
    const page = `http://127.0.0.1:${port}`;
    const dashboard = held.use(await DashboardProcess.start({ LOADLINE_PAGE_ADDRESS: page, ...environment }));
    const program = await findNginx();
    assert.ok(program, 'nginx is needed for this test');
    const interrupted = stopWhenInterrupted(() => stopNginx(folder));
    held.defer(async () => interrupted.stopped());
    const nginx = await startNginx(program, {
      folder,
      statusPort,
      workerProcesses: 1,
      measuring: false,
      accessLog: false,
      deployments: [],
      pages: { port, listing: { present: [], absent: [] }, dashboard: new URL(dashboard.address).host },
    });
    held.defer(() => nginx.stop());
    return new ProxiedDashboard(page, dashboard, held.move());
  }

  private constructor(page: string, dashboard: DashboardProcess, held: AsyncDisposableStack) {
    this.page = page;
    this.#dashboard = dashboard;
    this.#held = held;
  }

  async restart(others: Readonly<Record<string, string>>): Promise<void> {
    await this.#dashboard.stop();
    await this.#dashboard.start(others);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#held.disposeAsync();
  }
}

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('Token').fill(USER_TOKEN);
  await page.getByLabel('Token').press('Enter');
}

/** Asks for every kind of change; each is heard, and events go on coming. */
async function assertEverythingWorks(page: Page): Promise<void> {
  const button = (name: string | RegExp) => page.getByRole('button', { name }).first();
  const before = page.url();
  const clicks: [route: string, click: () => Promise<unknown>, status: number][] = [
    ['PUT /api/settings', () => page.getByRole('slider', { name: 'Arrival rate' }).press('ArrowRight'), 204],
    ['PUT /api/database-connections', () => button(/^Limit the database connections of/).click(), 204],
    // Nothing that could do these is behind this dashboard: they were let in, and it says so.
    ['POST /api/burst', () => button('Burst of 5').click(), 503],
    ['POST /api/hold-cpu', () => button('Hold the CPU for 2 s').click(), 503],
    ['POST /api/end-worker', () => button(/^End worker/).click(), 409],
    ['POST /api/database-away', () => button('Take it away for 5 s').click(), 503],
    ['POST /api/tour/enter', () => button('Take the tour').click(), 204],
    ['POST /api/tour/leave', () => button('Leave the tour').click(), 204],
  ];
  await button('Burst of 5').click({ trial: true });
  for (const [route, click, status] of clicks) {
    const answered = page.waitForResponse(response => {
      const request = response.request();
      return `${request.method()} ${new URL(response.url()).pathname}` === route;
    });
    await click();
    assert.equal((await answered).status(), status, route);
    // What is in force comes back as an event, at once.
    if (route === 'PUT /api/settings') await page.waitForURL(url => url.href !== before, { timeout: EVENT_LIMIT_MS });
  }
}

async function forward(page: string): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<{ destroy(): void }>();
  const server = createServer(incoming => {
    const outgoing = connect(Number(new URL(page).port), '127.0.0.1');
    for (const [socket, other] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
