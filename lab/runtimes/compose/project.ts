import { join } from 'node:path';
import { z } from 'zod';
import {
  type ContainerLimits,
  cpusWithin,
  type Deployment,
  deploymentName,
  limitedCpus,
} from '../../../model/deployment.ts';
import { LoadlineError } from '../../../model/errors.ts';
import { type PlannedDeployment, planDeployment, portsAtPlace, type StackPlan } from '../../../model/stack-plan.ts';
import { DockerFailure, docker } from './docker.ts';

const labelledSchema = z.looseObject({ labels: z.record(z.string(), z.string()).optional() });
const serviceSchema = z.looseObject({
  image: z.string().optional(),
  build: labelledSchema.optional(),
  environment: z.record(z.string(), z.string().nullable()).optional(),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).optional(),
  labels: z.record(z.string(), z.string()).optional(),
  cpuset: z.string().optional(),
  deploy: z
    .looseObject({
      resources: z.looseObject({ limits: z.looseObject({ cpus: z.coerce.number().optional() }).optional() }).optional(),
    })
    .optional(),
});

/** The part of a Compose file, as Compose itself reads it, that is changed here; the rest passes as it is. */
const composeFile = z.looseObject({
  name: z.string(),
  services: z.record(z.string(), serviceSchema),
  networks: z.record(z.string(), labelledSchema),
  volumes: z.record(z.string(), labelledSchema),
});
export type ComposeFile = z.infer<typeof composeFile>;
type ComposeService = z.infer<typeof serviceSchema>;

/** The name of the service's image. */
export const IMAGE = 'loadline';
const FIRST_PORT = 8081;

/** Characters. */
const LONGEST_HOST = 63;

/** The plan of a project: each deployment is a service of its own, on a port of nginx of its own. */
export function planProject(deployments: readonly Deployment[]): StackPlan {
  const planned = deployments.map((deployment, index) => {
    const name = deploymentName(deployment);
    const host = name.length <= LONGEST_HOST ? name : `${deployment.topology}-${index + 1}`;
    const nginxPort = FIRST_PORT + index;
    const processes = portsAtPlace(deployment, index, deployments.length);
    return planDeployment(deployment, { host, nginxHost: 'nginx', nginxPort, publishedPort: nginxPort, processes });
  });
  return { schema: 1, deployments: planned };
}

/** The checkout's `docker-compose.yml` with the defaults of its `.env`, as Compose understands it for a project. */
export async function readReference(
  root: string,
  { project, variables, signal }: { project: string; variables: Readonly<Record<string, string>>; signal: AbortSignal },
): Promise<ComposeFile> {
  const file = join(root, 'docker-compose.yml');
  const config = ['compose', '--file', file, '--project-name', project, '--profile', '*', 'config', '--format', 'json'];
  try {
    return composeFile.parse(JSON.parse(await docker(config, { variables, signal })));
  } catch (cause) {
    if (!(cause instanceof DockerFailure)) throw cause;
    throw new LoadlineError('containers-failed', `${file} cannot be used; correct it: ${cause.said}`, { cause });
  }
}

/** The image of the service that a project builds for itself. */
export function nameImage(project: string): string {
  return `${IMAGE}:${project}`;
}

/**
 * The project of a measurement: database, schema and nginx of the reference, and each deployment as the service of its
 * topology with numbers of its own; no dashboard, and k6 only for a load. Only nginx is published, on ports that the
 * engine picks. Everything has `labels`, by which it is found again.
 */
export function describeProject(
  reference: ComposeFile,
  plan: StackPlan,
  labels: Readonly<Record<string, string>>,
): ComposeFile {
  const { database, schema, stack, nginx, k6 } = reference.services;
  if (!database || !schema || !stack || !nginx || !k6) throw new RangeError('docker-compose.yml lacks a service');
  const services: Record<string, ComposeService> = {
    database,
    schema,
    stack: withVariables(stack, {
      LOADLINE_DASHBOARD: '',
      LOADLINE_MEASURING: '1',
      LOADLINE_REQUEST_LOG: '',
      LOADLINE_PLAN: JSON.stringify(plan),
      ...nginxCpus(plan),
    }),
    nginx: {
      ...nginx,
      depends_on: dependenciesOfNginx(nginx, plan),
      ports: plan.deployments.map(({ nginxPort }) => ({
        target: nginxPort,
        host_ip: '127.0.0.1',
        protocol: 'tcp',
        mode: 'ingress',
      })),
    },
    k6: generatorFor(k6),
  };
  for (const planned of plan.deployments) services[planned.host] = serviceFor(planned, reference);
  return {
    ...reference,
    services: labelled(withLabelledBuilds(services, labels), labels),
    networks: labelled(reference.networks, labels),
    volumes: labelled(reference.volumes, labels),
  };
}

/** CPUs that each deployment may use of the engine's `machine`: at least 1, rounded down. */
export function cpusIn({ services }: ComposeFile, machine: number): number {
  const topologies = Object.values(services).filter(({ environment }) => environment?.LOADLINE_SERVICE !== undefined);
  const each = topologies.map(({ cpuset, deploy }) =>
    // Some versions of Compose write 0 for no limit.
    cpusWithin(`${deploy?.resources?.limits?.cpus ?? 0}`, cpuset, machine),
  );
  return Math.min(machine, ...each);
}

/** The CPUs for which nginx has processes: those of its highest limit, where each deployment has one. */
function nginxCpus({ deployments }: StackPlan): Record<string, string> {
  const most = Math.max(
    ...deployments.map(({ deployment }) => limitedCpus(deployment.containers?.nginx) ?? Number.POSITIVE_INFINITY),
  );
  return Number.isFinite(most) ? { LOADLINE_NGINX_CPUS: `${most}`, LOADLINE_NGINX_CPUSET: '' } : {};
}

function serviceFor({ deployment: { topology, containers }, host }: PlannedDeployment, reference: ComposeFile) {
  const service = reference.services[topology];
  if (!service) throw new RangeError(`docker-compose.yml has no service ${topology}`);
  const { profiles: _, ...always } = service;
  return withVariables(withLimits(always, containers?.workers), { LOADLINE_SERVICE: host });
}

/** The limits that a process reads when it starts; the others are set when it is measured. */
function withLimits(service: ComposeService, { cpuset, memory }: ContainerLimits = {}): ComposeService {
  const { deploy = {} } = service;
  const limits = { ...deploy.resources?.limits, ...(memory !== undefined && { memory: `${memory}` }) };
  return {
    ...service,
    ...(cpuset !== undefined && { cpuset }),
    ...(memory !== undefined && { deploy: { ...deploy, resources: { ...deploy.resources, limits } } }),
  };
}

/** k6 for one load at a time, in nginx's network namespace: without a bridge between them. */
function generatorFor(k6: ComposeService): ComposeService {
  const { command: _, depends_on: __, networks: ___, restart: ____, ...rest } = k6;
  return { ...rest, profiles: ['load'], network_mode: 'service:nginx' };
}

/** nginx waits for the deployments in place of the topologies. */
function dependenciesOfNginx({ depends_on = {} }: ComposeService, { deployments }: StackPlan) {
  const own = Object.entries(depends_on).filter(([name]) => name === 'stack');
  const healthy = deployments.map(({ host }) => [host, { condition: 'service_healthy', required: true }] as const);
  return Object.fromEntries([...own, ...healthy]);
}

/** The services with the labels on their images; k6's image is the same for every project, so that its id tells k6. */
function withLabelledBuilds(
  services: Readonly<Record<string, ComposeService>>,
  labels: Readonly<Record<string, string>>,
): Record<string, ComposeService> {
  const isOwn = (name: string, { build }: ComposeService) => build !== undefined && name !== 'k6';
  const builds = Object.entries(services).map(([name, service]) => [
    name,
    isOwn(name, service)
      ? { ...service, build: { ...service.build, labels: { ...service.build?.labels, ...labels } } }
      : service,
  ]);
  return Object.fromEntries(builds);
}

function withVariables(service: ComposeService, variables: Readonly<Record<string, string>>): ComposeService {
  return { ...service, environment: { ...service.environment, ...variables } };
}

function labelled<Thing extends { labels?: Record<string, string> | undefined }>(
  things: Readonly<Record<string, Thing>>,
  labels: Readonly<Record<string, string>>,
): Record<string, Thing> {
  const all = Object.entries(things).map(([name, thing]) => [
    name,
    { ...thing, labels: { ...thing.labels, ...labels } },
  ]);
  return Object.fromEntries(all);
}
