import { cgroupOf } from '../lab/probe/cgroups.ts';
import { cpuOf } from '../lab/probe/processes.ts';
import { type Container, containerOf } from '../lab/runtimes/compose/containers.ts';
import { docker } from '../lab/runtimes/compose/docker.ts';
import { ProbeLink } from '../lab/runtimes/compose/probe-link.ts';
import { composedK6 } from '../lab/runtimes/compose/runtime.ts';
import { type ComposeStackOptions, startComposeStack } from '../lab/runtimes/compose/stack.ts';
import type { Way } from './ways.ts';

/**
 * A deployment as `docker-compose.yml` has it, with k6 in nginx's network. What counts is what counts without
 * containers, nginx's and the workers' own processes: what PM2 and health checks take does not depend on requests.
 */
export async function startInContainers(options: ComposeStackOptions): Promise<Way & AsyncDisposable> {
  const stack = await startComposeStack(options);
  const probes = [stack.probe];
  const dispose = async () => {
    await Promise.all(probes.map(probe => probe.close()));
    await stack.stop();
  };
  try {
    const [endpoint] = stack.endpoints;
    if (endpoint === undefined) throw new Error('nothing is deployed');
    const nginx = containerOf('nginx', stack.containers);
    const place = { project: stack.name, nginx: nginx.id, image: endpoint.container.image, labels: {} };
    // A probe takes the reports of one k6 at a time.
    while (probes.length < endpoint.workers) probes.push(await ProbeLink.open(place, options.signal));
    const launches = probes.map(probe => composedK6(stack.compose, probe, () => undefined));
    const [nginxPids, workerPids] = [
      await processesOf(nginx, 'nginx: master'),
      await processesOf(endpoint.container, 'services/process.ts'),
    ];
    return {
      name: `${endpoint.deployment.topology} through nginx, in containers`,
      url: endpoint.url,
      generators: launches.map(launch => ({ target: endpoint.target, launch })),
      cpu: () => ({ nginx: cpuOf(nginxPids), workers: cpuOf(workerPids) }),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** The numbers of a container's processes whose command line holds `words`; its engine must run on this machine. */
async function processesOf({ id }: Container, words: string): Promise<number[]> {
  const lines = (await docker(['top', id, '-o', 'pid,args'])).split('\n').filter(line => line.includes(words));
  const pids = lines.map(line => Number.parseInt(line, 10));
  if (pids.length > 0 && pids.every(pid => cgroupOf(id, pid) !== undefined)) return pids;
  throw new Error(`what ${words} takes cannot be read: the Docker Engine must run on this machine itself`);
}
