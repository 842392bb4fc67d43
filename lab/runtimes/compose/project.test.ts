import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deploymentOf } from '../../../model/deployment.ts';
import { type ComposeFile, cpusIn, describeProject, planProject } from './project.ts';

/** As much of the reference as is changed, and something beside it that must go through. */
function reference(limits: { cpus?: number; cpuset?: string } = {}): ComposeFile {
  const topology = (name: string) => ({
    profiles: [name],
    image: 'loadline:loadline-0',
    read_only: true,
    environment: { LOADLINE_SERVICE: name, LOADLINE_HOST: '0.0.0.0' },
    deploy: { resources: { limits: { memory: '2g', ...(limits.cpus !== undefined && { cpus: limits.cpus }) } } },
    ...(limits.cpuset !== undefined && { cpuset: limits.cpuset }),
  });
  return {
    name: 'loadline-0',
    services: {
      database: { image: 'postgres:18', networks: { database: null } },
      schema: { image: 'loadline:loadline-0' },
      dashboard: { image: 'loadline:loadline-0', environment: { LOADLINE_DESK_PORT: '3001' } },
      stack: {
        image: 'loadline:loadline-0',
        build: { context: '/checkout' },
        environment: {
          LOADLINE_DASHBOARD: 'dashboard:3000',
          LOADLINE_OPEN_FILES: '20000',
          LOADLINE_REQUEST_LOG: '/var/log/loadline/live.log',
          LOADLINE_TOPOLOGIES: 'sync,hybrid',
        },
      },
      nginx: {
        depends_on: {
          stack: { condition: 'service_completed_successfully', required: true },
          sync: { condition: 'service_healthy', required: false },
          hybrid: { condition: 'service_healthy', required: false },
        },
        ports: [{ target: 8080, published: '8080', host_ip: '127.0.0.1' }],
      },
      k6: {
        command: ['run', 'live.ts'],
        depends_on: { dashboard: { condition: 'service_healthy' }, nginx: { condition: 'service_healthy' } },
        image: 'loadline-k6:loadline-0',
        build: { context: '/checkout', target: 'k6' },
        networks: { service: null },
        restart: 'always',
      },
      sync: topology('sync'),
      hybrid: topology('hybrid'),
    },
    networks: { database: { internal: true }, front: {} },
    volumes: { nginx: {} },
    configs: { other: { content: 'as it is' } },
  };
}

const labels = { owner: 'a test' };
const small = deploymentOf('hybrid', 2, { databaseConnections: 10 });
const large = deploymentOf('hybrid', 2);

test('each deployment is the service of its topology with its own name, and without a profile', () => {
  const { services } = describeProject(reference(), planProject([small, large]), labels);
  assert.deepEqual(Object.keys(services).sort(), [
    'database',
    'hybrid-2x1-10',
    'hybrid-2x1-40',
    'k6',
    'nginx',
    'schema',
    'stack',
  ]);
  assert.deepEqual(services['hybrid-2x1-10'], {
    image: 'loadline:loadline-0',
    read_only: true,
    environment: { LOADLINE_SERVICE: 'hybrid-2x1-10', LOADLINE_HOST: '0.0.0.0' },
    deploy: { resources: { limits: { memory: '2g' } } },
    labels,
  });
});

test('a deployment whose name is too long for a host has a short one', () => {
  const containers = {
    workers: { cpus: 1.2, cpuset: '0-3', memory: 8e8 },
    nginx: { cpus: 0.17, memory: 1e8 },
    postgres: { cpus: 0.13, memory: 6e8 },
  };
  const long = { ...deploymentOf('sync-threads', 16), containers };
  const hosts = planProject([large, long]).deployments.map(({ host }) => host);
  assert.deepEqual(hosts, ['hybrid-2x1-40', 'sync-threads-2']);
});

test('nginx is told of every deployment, waits for it, and is published on ports that the engine picks', () => {
  const { services } = describeProject(reference(), planProject([small, large]), labels);
  assert.deepEqual(services.nginx, {
    depends_on: {
      stack: { condition: 'service_completed_successfully', required: true },
      'hybrid-2x1-10': { condition: 'service_healthy', required: true },
      'hybrid-2x1-40': { condition: 'service_healthy', required: true },
    },
    ports: [8081, 8082].map(target => ({ target, host_ip: '127.0.0.1', protocol: 'tcp', mode: 'ingress' })),
    labels,
  });
  const { environment = {} } = services.stack ?? {};
  assert.equal(environment.LOADLINE_MEASURING, '1');
  assert.equal(environment.LOADLINE_OPEN_FILES, '20000');
  const plan = planProject([small, large]);
  assert.deepEqual(JSON.parse(environment.LOADLINE_PLAN ?? ''), plan);
  assert.deepEqual(
    plan.deployments.map(({ id, host, nginxPort }) => [id, host, nginxPort]),
    [
      ['hybrid-2x1-10', 'hybrid-2x1-10', 8081],
      ['hybrid-2x1-40', 'hybrid-2x1-40', 8082],
    ],
  );
  const ports = plan.deployments.flatMap(({ processes }) => processes.flatMap(one => Object.values(one)));
  assert.equal(new Set(ports).size, ports.length, 'no deployment listens where another one does');
});

test('workers begin with the memory and the CPU set of their limits, and nginx with processes for its highest limit', () => {
  const limited = (nginx: number) =>
    deploymentOf('hybrid', 1, {
      containers: { workers: { cpus: 0.6, cpuset: '1', memory: 4e8 }, nginx: { cpus: nginx } },
    });
  const one = describeProject(reference({ cpus: 1.5 }), planProject([limited(0.2), limited(0.4)]), labels);
  const { cpuset, deploy } = one.services['hybrid-1x1-40-w600m-set1-400mb-n200m'] ?? {};
  assert.deepEqual([cpuset, deploy], ['1', { resources: { limits: { cpus: 1.5, memory: '400000000' } } }]);
  const processesFor = ({ services }: ComposeFile) => services.stack?.environment?.LOADLINE_NGINX_CPUS;
  assert.equal(processesFor(one), '0.4');
  // nginx itself is limited while it is measured.
  assert.equal(one.services.nginx?.deploy, undefined);
  const unlimited = describeProject(reference(), planProject([limited(0.2), large]), labels);
  assert.equal(processesFor(unlimited), processesFor(reference()));
});

test('nothing of the dashboard is measured: it is not there, nginx does not know it, and k6 waits in nginx’s network until it is told what to run', () => {
  const { services } = describeProject(reference(), planProject([large]), labels);
  assert.equal(services.dashboard, undefined);
  const { LOADLINE_DASHBOARD, LOADLINE_REQUEST_LOG } = services.stack?.environment ?? {};
  assert.deepEqual([LOADLINE_DASHBOARD, LOADLINE_REQUEST_LOG], ['', '']);
  assert.deepEqual(services.k6, {
    image: 'loadline-k6:loadline-0',
    build: { context: '/checkout', target: 'k6' },
    network_mode: 'service:nginx',
    profiles: ['load'],
    labels,
  });
});

test('all else is as in the reference, with labels by which it is found', () => {
  const made = describeProject(reference(), planProject([large]), labels);
  assert.deepEqual(made.services.database, { ...reference().services.database, labels });
  assert.deepEqual(made.networks, { database: { internal: true, labels }, front: { labels } });
  assert.deepEqual(made.volumes, { nginx: { labels } });
  assert.deepEqual(made.configs, reference().configs);
});

test('the image of the service has the labels of its project', () => {
  const { services } = describeProject(reference(), planProject([large]), labels);
  assert.deepEqual(services.stack?.build, { context: '/checkout', labels });
});

const cpus: [what: string, limits: { cpus?: number; cpuset?: string }, expected: number][] = [
  ['without limits those of the engine’s machine', {}, 8],
  ['within a limit its whole CPUs', { cpus: 2.5 }, 2],
  ['within a limit below one CPU one', { cpus: 0.5 }, 1],
  ['within a set its members', { cpuset: '0-2,5' }, 4],
  ['within a set and a limit the fewer', { cpuset: '1,3', cpus: 3 }, 2],
  ['with a limit of 0, as older versions of Compose write for none, the machine’s', { cpus: 0 }, 8],
  ['within a limit above the machine the machine’s', { cpus: 16 }, 8],
];
for (const [what, limits, expected] of cpus) {
  test(`CPUs: ${what}`, () => assert.equal(cpusIn(reference(limits), 8), expected));
}
