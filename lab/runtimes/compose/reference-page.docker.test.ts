/** The page of `docker-compose.yml` and its load: what moves, who is reached, and what mends itself. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Totals } from '../../../dashboard/protocol.ts';
import { topologies } from '../../../model/topology.ts';
import { withoutDocker } from '../../../services/testdata/docker-engine.ts';
import { claimPorts } from '../local/ports.ts';
import { stopWhenInterrupted } from '../local/testdata/interrupted-test.ts';
import { docker, linesOf } from './docker.ts';
import { OwnProject } from './testdata/own-project.ts';
import { ReferenceProject } from './testdata/reference-project.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Until the load is there again after something that it needs was replaced. */
const HEALED_MS = 20_000;
const LOOK_EVERY_MS = 200;

describe('the page of the reference stack', { skip: withoutDocker() }, () => {
  const end = new AbortController();
  let project: OwnProject;
  let reference: ReferenceProject;
  let page: string;
  let watching: Promise<void>;

  before(async () => {
    project = await OwnProject.make(stopWhenInterrupted);
    const ports = await claimPorts(1);
    project.keep(ports);
    reference = await ReferenceProject.prepare(root, project, {
      COMPOSE_PROFILES: 'sync,hybrid',
      PORT_PAGE: `${ports.ports[0]}`,
    });
    await reference.build();
    await reference.compose('up', '--detach', '--wait');
    page = await reference.urlOf(8080);
    watching = watch();
  });

  after(async () => {
    end.abort();
    await watching;
    await project.remove();
  });

  /** An open page: without one nothing is sent. It comes back by itself, as browsers do. */
  async function watch(): Promise<void> {
    while (!end.signal.aborted) {
      const stream = await fetch(`${page}/api/events`, { signal: end.signal }).catch(() => undefined);
      await stream?.text().catch(() => undefined);
      await delay(LOOK_EVERY_MS);
    }
  }

  /** How many requests of the page's load nginx has answered; nothing while nobody can be asked. */
  async function answered(): Promise<number | undefined> {
    const response = await fetch(`${page}/api/totals`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    if (response?.status !== 200) return undefined;
    const { nginx } = (await response.json()) as Totals;
    return Object.values(nginx).reduce((sum, count) => sum + count, 0);
  }

  /** Returns when nginx answers more and more of the page's load. */
  async function untilItMoves(): Promise<void> {
    const limit = performance.now() + HEALED_MS;
    const counts: number[] = [];
    while (counts.length < 4) {
      assert.ok(performance.now() < limit, `the load did not move again within ${HEALED_MS} ms: ${counts}`);
      const count = await answered();
      const last = counts.at(-1);
      // A dashboard that was started again counts anew.
      if (count !== undefined && last !== undefined && count < last) counts.length = 0;
      if (count !== undefined && (last === undefined || count > last)) counts.push(count);
      await delay(LOOK_EVERY_MS);
    }
  }

  test('shows requests that k6 sends through nginx', async () => {
    await untilItMoves();
    const totals = (await (await fetch(`${page}/api/totals`)).json()) as Totals;
    for (const counts of [totals.nginx, totals.k6]) {
      const topologies = Object.keys(counts).map(id => id.replace(/-\d+x\d+-\d+$/, ''));
      assert.deepEqual(topologies.sort(), ['hybrid', 'sync']);
    }
  });

  test('is reached through nginx alone, and k6’s orders and the control threads are not', async () => {
    const published = linesOf(await reference.compose('ps', '--format', '{{.Service}} {{.Ports}}'));
    const services = published.filter(line => line.includes('->')).map(line => line.split(' ')[0]);
    assert.deepEqual(services, ['nginx']);
    const ports = new Set(Array.from(published.join().matchAll(/->(\d+)\/tcp/g), ([, port]) => Number(port)));
    assert.deepEqual([...ports].sort(), [8080, ...topologies.map(({ port }) => port)]);
    for (const path of ['/', '/counters', '/resources', '/livez']) {
      const order = await fetch(`${page}${path}`, { method: 'POST', body: '{}' });
      assert.ok(order.status >= 400 && order.status < 500, `POST ${path}: ${order.status}`);
    }
    const counters = await fetch(`${page}/counters`);
    assert.equal(counters.status, 404);
    const drained = await fetch(`${await reference.urlOf(8085)}/counters`);
    assert.equal(drained.status, 404);
  });

  const accidents: [what: string, happen: () => Promise<unknown>][] = [
    ['nginx is restarted', () => docker(['restart', `${project.name}-nginx-1`])],
    ['nginx is killed and started', () => killed('nginx')],
    ['nginx’s container is replaced', () => replaced('nginx')],
    ['the dashboard is killed and started', () => killed('dashboard')],
    ['the dashboard’s container is replaced', () => replaced('dashboard')],
    ['k6 crashes', crashed],
  ];
  for (const [what, happen] of accidents) {
    test(`has its load again by itself when ${what}`, async () => {
      await happen();
      await untilItMoves();
    });
  }

  test('shows the new deployments when the sizes change', async () => {
    await reference.with({ PROCESSES: '3' }).compose('up', '--detach', '--wait');
    await untilItMoves();
    const { nginx } = (await (await fetch(`${page}/api/totals`)).json()) as Totals;
    assert.deepEqual(Object.keys(nginx).sort(), ['hybrid-3x1-40', 'sync-3x1-3']);
  });

  async function killed(service: string): Promise<void> {
    await docker(['kill', `${project.name}-${service}-1`]);
    await docker(['start', `${project.name}-${service}-1`]);
  }

  /** Its container is started again by the engine, and not by the test. */
  async function crashed(): Promise<void> {
    const k6 = `${project.name}-k6-1`;
    const starts = () => docker(['inspect', '--format', '{{.State.StartedAt}}', k6]);
    const first = await starts();
    await docker(['exec', k6, 'sh', '-c', 'kill -9 -1']).catch(() => undefined);
    const limit = performance.now() + HEALED_MS;
    while ((await starts()) === first) {
      assert.ok(performance.now() < limit, 'k6 was not started again');
      await delay(LOOK_EVERY_MS);
    }
  }

  function replaced(service: string): Promise<string> {
    return reference.compose('up', '--detach', '--no-deps', '--force-recreate', service);
  }
});
