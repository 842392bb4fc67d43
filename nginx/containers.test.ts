import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parse } from 'yaml';
import { deploymentOf } from '../model/deployment.ts';
import { ConfigError } from '../model/environment.ts';
import { listEndpoints } from '../model/stack-plan.ts';
import { topologies, topologyNames, topologyOf } from '../model/topology.ts';
import {
  containerSettings,
  listRefusals,
  listStackWarnings,
  portsInContainer,
  type StackNumbers,
  stackEnvironment,
} from './containers.ts';
import { awayPage, topologiesPage } from './page.ts';
import { renderNginx } from './render.ts';

const environment = {
  LOADLINE_TOPOLOGIES: 'threads, sync,load',
  LOADLINE_PROCESSES: '2',
  LOADLINE_THREADS: '3',
  LOADLINE_OPEN_FILES: '20000',
  LOADLINE_PUBLISHED: 'sync=9081 threads=0',
};
const { plan, absent, ...settings } = stackEnvironment(environment);
const deployments = plan.deployments.map(({ deployment }) => deployment);
const inContainers = containerSettings(plan, absent, settings);
const rendered = renderNginx(inContainers);
const listing = inContainers.pages?.listing ?? { present: [], absent: [] };

test('a stack has the topologies that are asked for, and names the others', () => {
  assert.deepEqual(deployments, [deploymentOf('sync', 2), deploymentOf('threads', 2, { threadsPerProcess: 3 })]);
  assert.deepEqual(
    absent,
    topologyNames.filter(name => !['sync', 'threads'].includes(name)),
  );
});

test('nginx has as many processes as CPUs of its own', () => {
  const processes = (set: object) => stackEnvironment({ ...environment, ...set }).workerProcesses;
  assert.equal(processes({ LOADLINE_NGINX_CPUS: '1' }), 1);
  assert.equal(processes({ LOADLINE_NGINX_CPUS: '0', LOADLINE_NGINX_CPUSET: '0' }), 1);
  assert.match(
    renderNginx(containerSettings(plan, absent, { ...settings, workerProcesses: 3 })),
    /worker_processes 3;/,
  );
});

test('a variable that cannot work is refused by its name', () => {
  for (const [name, value] of [
    ['LOADLINE_TOPOLOGIES', 'hybird'],
    ['LOADLINE_OPEN_FILES', 'many'],
    ['LOADLINE_OPEN_FILES', ''],
    ['LOADLINE_PROCESSES', '0'],
    ['LOADLINE_DATABASE_CONNECTIONS', '1'],
  ] as const) {
    const named = name === 'LOADLINE_DATABASE_CONNECTIONS' ? 'LOADLINE_TOPOLOGIES' : name;
    assert.throws(
      () => stackEnvironment({ ...environment, [name]: value }),
      (error: unknown) => error instanceof ConfigError && error.message.startsWith(named),
      `${name}=${value}`,
    );
  }
});

test('the ports of a topology follow from its own port, and a port beyond the last place is refused', () => {
  const own = (port: number) => portsInContainer(deploymentOf({ ...topologyOf('async'), name: 'own', port }, 1));
  assert.deepEqual(own(8081), [{ controlPort: 10_001, workerPort: 20_001 }]);
  assert.deepEqual(own(8092), [{ controlPort: 18_251, workerPort: 31_551 }]);
  for (const port of [8080, 8093]) assert.throws(() => own(port), ConfigError);
});

test('no topology that ships shares a port with another', () => {
  const ports = topologies.flatMap(topology => portsInContainer(deploymentOf(topology, 2)));
  const controlPorts = new Set(ports.map(({ controlPort }) => controlPort));
  assert.equal(controlPorts.size, ports.length);
});

const { services } = parse(readFileSync(new URL('../docker-compose.yml', import.meta.url), 'utf8'), { merge: true });

test('what is rendered is for the nginx that the Compose file names', () => {
  assert.equal(services.nginx.image, 'nginx:1.30');
  assert.equal(containerSettings({ schema: 1, deployments: [] }, [], settings).version, '1.30.0');
});

test('Compose recreates the dashboard and the topologies when a variable changes their sizes', () => {
  const { stack, dashboard, hybrid } = services;
  const sizes = ['PROCESSES', 'THREADS', 'DATABASE_CONNECTIONS', 'WORKERS_CPUS', 'WORKERS_CPUSET'];
  const isTold = (service: { environment: object }, name: string) =>
    JSON.stringify(service.environment).includes(stack.environment[`LOADLINE_${name}`]);
  for (const name of sizes) assert.deepEqual([isTold(dashboard, name), isTold(hybrid, name)], [true, true], name);
  assert.deepEqual([isTold(dashboard, 'TOPOLOGIES'), isTold(hybrid, 'TOPOLOGIES')], [true, false]);
});

test('the service that counts the CPUs of the workers has no limit of its own, which would hide some', () => {
  const { cpuset, deploy } = services.stack;
  assert.deepEqual([cpuset, deploy.resources.limits.cpus], ['', undefined]);
});

test('each worker of a container is reached by its name, which is looked up again and again', () => {
  assert.match(rendered, /resolver 127\.0\.0\.11 valid=5s ipv6=off;/);
  const workers = Array.from(rendered.matchAll(/server (\S+) .* resolve;/g), ([, worker]) => worker);
  assert.deepEqual(workers, plan.deployments.flatMap(listEndpoints));
});

test('what nginx writes goes to its streams and to /tmp, the only places that it may write to', () => {
  assert.match(rendered, /error_log stderr warn;/);
  const paths = Array.from(rendered.matchAll(/(?:pid|_temp_path) (\S+);/g), ([, path]) => path);
  assert.equal(paths.length, 6);
  assert.ok(paths.every(path => path?.startsWith('/tmp/')));
});

test('the commands that users are told name the project', () => {
  const { start } = stackEnvironment({ ...environment, LOADLINE_PROJECT: 'second' });
  const list = containerSettings(plan, absent, { ...settings, start }).pages?.listing;
  assert.match(list?.absent[0]?.start ?? '', / docker compose -p second up$/);
  assert.match(awayPage(list ?? listing), /docker compose -p second logs stack dashboard/);
});

test('a topology that is not there says on its port how to start it', () => {
  const server = rendered.slice(rendered.indexOf('listen 0.0.0.0:8084'));
  assert.match(server, /^[^}]*return 503 '.*COMPOSE_PROFILES=sync,threads,async docker compose up /);
});

test('nginx starts without the dashboard, since its name is looked up again and again', () => {
  const withDashboard = { ...environment, LOADLINE_DASHBOARD: 'dashboard:3000', LOADLINE_REQUEST_LOG: '/log/live.log' };
  const told = stackEnvironment(withDashboard);
  const text = renderNginx(containerSettings(told.plan, told.absent, told));
  assert.match(
    text,
    /upstream dashboard \{\s+zone dashboard 64k;\s+resolver 127\.0\.0\.11 [^}]*server dashboard:3000 max_fails=0 resolve;/,
  );
  assert.match(text, /access_log \/log\/live\.log live /);
  assert.doesNotMatch(rendered, /dashboard:3000|upstream dashboard|live\.log/);
});

test('the list names the ports that are published, and what is not started', () => {
  const list = topologiesPage(listing);
  assert.match(list, /href="http:\/\/127\.0\.0\.1:9081\/plain"/);
  assert.match(list, /href="http:\/\/127\.0\.0\.1:8082\/plain"/);
  assert.match(list, /<b>1<\/b> process ×\n<b>3<\/b> worker threads,\n<b>3<\/b> database connections/);
  assert.match(list, /COMPOSE_PROFILES=sync,threads,async docker compose up/);
});

test('in the place of the dashboard the list says that it is away', () => {
  const away = awayPage(listing);
  assert.match(away, /The dashboard is starting, or away\./);
  assert.match(away, /<h2>threads /);
  assert.doesNotMatch(topologiesPage(listing), /away/);
});

test('the pages allow their own style and nothing else', () => {
  for (const page of [topologiesPage(listing), awayPage(listing)]) {
    assert.match(page, /content="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'"/);
    assert.doesNotMatch(page, /<script|https?:\/\/(?!127\.0\.0\.1)/);
  }
});

const six = ['sync', 'threads', 'sync-threads', 'async', 'hybrid', 'async-express'];
const usual: StackNumbers = {
  deployments: six.map(topology => deploymentOf(topology, 2)),
  workersMemory: 2 * 1024 ** 3,
  databaseMaxConnections: 1000,
  workersCpus: 0,
};

test('the defaults are neither refused nor warned of, and what cannot fit names what to set', () => {
  assert.deepEqual([listRefusals(usual), listStackWarnings(usual)], [[], []]);
  const sixteen = six.map(topology => deploymentOf(topology, 16));
  const limited = { ...deploymentOf('sync', 4), containers: { workers: { memory: 100e6 } } };
  const four = [deploymentOf('sync', 4)];
  const cases: [changed: Partial<StackNumbers>, refusal: RegExp | undefined][] = [
    [{ deployments: sixteen, workersMemory: 256 * 2 ** 20 }, /256 MiB: sync 1038 MiB, .*WORKERS_MEMORY=3922m/],
    [{ deployments: four, workersMemory: 190e6 }, undefined],
    [{ deployments: four, workersMemory: 180e6 }, /WORKERS_MEMORY=/],
    [{ deployments: [limited] }, /95 MiB/],
    [{ databaseMaxConnections: 100 }, /146 database connections .*DATABASE_MAX_CONNECTIONS=150/],
    [{ databaseMaxConnections: 150 }, undefined],
    [{ workersCpus: 0.05 }, undefined],
    [{ workersCpus: 0.01 }, /^WORKERS_CPUS=0\.01 /],
  ];
  for (const [changed, refusal] of cases) {
    const [first, ...others] = listRefusals({ ...usual, ...changed });
    assert.deepEqual(others, []);
    if (refusal === undefined) assert.equal(first, undefined);
    else assert.match(first ?? '', refusal);
  }
  assert.match(listStackWarnings({ ...usual, workersCpus: 0.05 })[0] ?? '', /^WORKERS_CPUS=0\.05: /);
  assert.deepEqual(listStackWarnings({ ...usual, workersCpus: 0.5 }), []);
});
