/** The page behind a user's own TLS proxy, through a tunnel, and from another machine. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { findNginx, startNginx, stopNginx } from '../../lab/runtimes/local/nginx.ts';
import { buildPage } from '../../lab/runtimes/local/page.ts';
import { claimPorts } from '../../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../../lab/runtimes/local/testdata/interrupted-test.ts';
import { openBrowser, violationsOn, withoutBrowser } from '../testdata/browser.ts';
import { DashboardProcess } from './testdata/dashboard-process.ts';
import { openPage } from './testdata/opened-page.ts';

const root = join(import.meta.dirname, '../..');
const NAME = 'b.example';
const OTHER_MACHINE = '192.0.2.7';
const TOKEN = 'a token of sixteen characters and more';
const guarded = { LOADLINE_PUBLISHED_ON: '0.0.0.0', LOADLINE_PAGE_TOKEN: TOKEN };

/** Names by which a proxy asks for the page; nginx says `$proxy_host` unless it is told otherwise. */
const hosts: [name: string, host: 'its own' | 'the browser’s' | 'loadline', shown: 'by the server' | 'in the page'][] =
  [
    ['the address of the page', 'its own', 'in the page'],
    ['the name in the browser', 'the browser’s', 'by the server'],
    ['the name of an upstream', 'loadline', 'by the server'],
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

  for (const [name, host, shown] of hosts) {
    test(`behind a TLS proxy that asks by ${name} the first screen has a line to type, with which everything works`, async () => {
      await using proxied = await ProxiedDashboard.start();
      await using proxy = await startTlsProxy(proxied.page, host);
      await using open = await opened(proxy.origin);
      const { page } = open;
      const line = (await page.locator('pre').textContent()) ?? '';
      assert.match(line, /^LOADLINE_PAGE_HOSTS=https:\/\/b\.example:\d+\S* \.\/loadline up$/);
      assert.equal(await page.locator('#page').count(), shown === 'in the page' ? 1 : 0);
      await proxied.restart({ LOADLINE_PAGE_HOSTS: /=(\S+)/.exec(line)?.[1] ?? '' });
      // The server's page is still; the page itself opens when it may.
      if (shown === 'by the server') await page.reload();
      await requireEverythingWorks(page);
    });
  }

  test('behind a TLS proxy the token is asked for once, and its session stays behind TLS', async () => {
    await using proxied = await ProxiedDashboard.start({ LOADLINE_PAGE_TOKEN: TOKEN });
    await using proxy = await startTlsProxy(proxied.page, 'its own');
    await proxied.restart({ LOADLINE_PAGE_HOSTS: proxy.origin });
    await using open = await opened(proxy.origin);
    await logIn(open.page);
    await requireEverythingWorks(open.page);
    const [cookie] = await open.page.context().cookies();
    assert.equal(cookie?.secure, true);
  });

  test('through a tunnel at another port everything works, with nothing set', async () => {
    await using proxied = await ProxiedDashboard.start();
    // Forwards bytes, as `ssh -L` does.
    const tunnel = createServer(incoming => {
      const outgoing = connect(Number(new URL(proxied.page).port), '127.0.0.1');
      incoming.pipe(outgoing).pipe(incoming);
      for (const socket of [incoming, outgoing]) socket.on('error', () => {});
    });
    await using listening = await listen(tunnel);
    await using open = await opened(`http://localhost:${listening.port}`);
    await requireEverythingWorks(open.page);
  });

  test('on another machine’s address everything works with the token alone', async () => {
    await using proxied = await ProxiedDashboard.start(guarded);
    await using open = await opened(proxied.page.replace('127.0.0.1', OTHER_MACHINE));
    await logIn(open.page);
    await requireEverythingWorks(open.page);
  });

  test('under another machine’s name the first screen has the line to type', async () => {
    await using proxied = await ProxiedDashboard.start(guarded);
    const address = proxied.page.replace('127.0.0.1', 'box.example');
    await using open = await opened(address);
    assert.equal(await open.page.locator('pre').textContent(), `LOADLINE_PAGE_HOSTS=${address} ./loadline up`);
    await proxied.restart({ LOADLINE_PAGE_HOSTS: address });
    await open.page.reload();
    await logIn(open.page);
    await requireEverythingWorks(open.page);
  });

  test('the first screen is accessible in light and dark, by whichever side it is shown', async () => {
    await using proxied = await ProxiedDashboard.start();
    await using proxy = await startTlsProxy(proxied.page, 'its own');
    const looks = [
      [proxy.origin, 'light'],
      [`${proxy.origin}/?plan`, 'dark'],
      [proxied.page.replace('127.0.0.1', 'box.example'), 'light'],
      [proxied.page.replace('127.0.0.1', 'box.example'), 'dark'],
    ] as const;
    for (const [address, colorScheme] of looks) {
      const viewport = { width: 360, height: 720 };
      await using open = await opened(address, { colorScheme, bypassCSP: true, viewport });
      await open.page.getByRole('heading', { name: 'Loadline does not know this address' }).waitFor();
      assert.deepEqual(await violationsOn(open.page), [], address);
      assert.equal(await open.page.evaluate('document.documentElement.scrollWidth'), 360);
    }
  });
});

/** The dashboard behind Loadline's own nginx, with no topology and no k6. */
class ProxiedDashboard implements AsyncDisposable {
  readonly page: string;
  readonly #dashboard: DashboardProcess;
  readonly #held: AsyncDisposableStack;

  static async start(environment: Readonly<Record<string, string>> = {}): Promise<ProxiedDashboard> {
    await using held = new AsyncDisposableStack();
    const folder = await temporaryFolder(held);
    const claim = held.use(await claimPorts(2));
    const [statusPort = 0, port = 0] = claim.ports;
    const page = `http://127.0.0.1:${port}`;
    const dashboard = held.use(await DashboardProcess.start({ LOADLINE_PAGE_ADDRESS: page, ...environment }));
    const program = await findNginx();
    assert.ok(program, 'nginx is needed for this test');
    const interrupted = stopWhenInterrupted(() => stopNginx(folder));
    held.defer(async () => interrupted.stopped());
    const nginx = await startNginx(program, {
      ...{ folder, statusPort, workerProcesses: 1, measuring: false, accessLog: false, deployments: [] },
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

/** A user's proxy, with a certificate of its own. */
async function startTlsProxy(page: string, host: (typeof hosts)[number][1]) {
  await using held = new AsyncDisposableStack();
  const folder = await temporaryFolder(held);
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const subject = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
  const files = ['-keyout', key, '-out', certificate];
  await promisify(execFile)('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject]);
  const options = { key: await readFile(key), cert: await readFile(certificate) };
  const proxy = createTlsServer(options, (incoming, answer) => {
    const { method, url, headers } = incoming;
    const name = { 'its own': new URL(page).host, 'the browser’s': headers.host, loadline: 'loadline' }[host];
    const outgoing = request(page + url, { method, headers: { ...headers, host: name } }, response => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    outgoing.on('error', () => answer.destroy());
    answer.on('close', () => outgoing.destroy());
    incoming.pipe(outgoing);
  });
  const { port } = held.use(await listen(proxy));
  held.defer(() => proxy.closeAllConnections());
  const all = held.move();
  return { origin: `https://${NAME}:${port}`, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

async function temporaryFolder(held: AsyncDisposableStack): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'loadline-elsewhere-'));
  held.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function listen(server: Server): Promise<AsyncDisposable & { readonly port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: async () => void server.close() };
}

async function logIn(page: Page): Promise<void> {
  await page.getByLabel('Token').fill(TOKEN);
  await page.getByLabel('Token').press('Enter');
}

/** Asks for every kind of change; the server hears each, and its events arrive. */
async function requireEverythingWorks(page: Page): Promise<void> {
  const button = (name: string | RegExp) => page.getByRole('button', { name }).first();
  const before = page.url();
  const clicks: [route: string, click: () => Promise<unknown>, status: number][] = [
    ['PUT /api/settings', () => page.getByRole('slider', { name: 'Arrival rate' }).press('ArrowRight'), 204],
    ['PUT /api/database-connections', () => button(/^Limit to \d+ database connections/).click(), 204],
    // Nothing is behind this dashboard that could do these.
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
      const asked = response.request();
      return `${asked.method()} ${new URL(response.url()).pathname}` === route;
    });
    await click();
    assert.equal((await answered).status(), status, route);
    if (route === 'PUT /api/settings') await page.waitForURL(url => url.href !== before);
  }
}
