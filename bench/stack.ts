/**
 * What the stack takes: CPU time per request through nginx, in containers, without nginx, and of a bare server in
 * node:cluster and in PM2's cluster mode, each at the same arrival rates; and what it does to throughput that nginx
 * keeps its connections to the workers. All of it in shuffled order, block by block. `npm run bench:stack`
 */
import { join } from 'node:path';
import { findK6, localK6 } from '../lab/runtimes/local/k6.ts';
import { claimPorts } from '../lab/runtimes/local/ports.ts';
import { startStack } from '../lab/runtimes/local/stack.ts';
import { seededRandom, shuffled } from '../lab/search/seeded.ts';
import { requestFor } from '../model/contract/contract.ts';
import { deploymentOf } from '../model/deployment.ts';
import type { PerSecond, Seconds } from '../model/quantities.ts';
import { availableCpus } from '../services/cpus.ts';
import {
  cpuPerRequest,
  describeWay,
  Figures,
  ITEM,
  measureThroughput,
  requireSameAnswers,
  type Way,
  waysThrough,
} from './stack-load.ts';
import { startInCluster, startInContainers, startInPm2Cluster, startWithoutKeepAlive } from './stack-servers.ts';

const BLOCKS = 10;
const SEED = 7;
const ARRIVAL_RATES: readonly PerSecond[] = [1000, 2500];
/** Of one load; k6 takes a quarter of a second more to start. */
const LOAD_TIME: Seconds = 2;
/** Until code is compiled and every connection is open. */
const WARM_UP: Seconds = 2;
const SATURATION: Seconds = 1;
/** Of the closed load, which saturates. */
const USERS = 40;

const deployment = deploymentOf('hybrid', availableCpus());
const root = join(import.meta.dirname, '..');
const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());
const say = (line: string) => void process.stderr.write(`${line}\n`);

try {
  await bench();
} catch (error) {
  if (!signal.aborted) throw error;
  process.exitCode = 130;
}

async function bench(): Promise<void> {
  const launch = localK6(await findK6({ root, signal, say }));
  const stack = await startStack({
    ...{ root, name: 'bench-stack', deployments: [deployment], life: 'temporary', signal, say },
    ...{ wellKnownPorts: false, measuring: true, accessLog: false, workerProcesses: availableCpus() },
  });
  try {
    await using claim = await claimPorts(4, signal);
    const [clusterPort = 0, pm2Port = 0, ...nginxPorts] = claim.ports;
    await using cluster = await startInCluster(stack, clusterPort, signal);
    await using pm2Cluster = await startInPm2Cluster(stack, pm2Port, signal);
    await using withoutKeepAlive = await startWithoutKeepAlive(stack, nginxPorts);
    await using contained = await startInContainers({ root, deployments: [deployment], signal, say });
    const { nginx, direct } = waysThrough(stack, launch);
    const [bare, bareInPm2] = [
      describeWay('node:cluster', cluster, launch),
      describeWay("PM2's cluster mode", pm2Cluster, launch),
    ];
    const ways = [nginx, contained, direct, bare, bareInPm2];
    await requireSameAnswers(ways, signal);
    await warmUp(ways);

    const figures = new Figures();
    const kept = saturation('kept', nginx.url);
    const fresh = saturation('fresh', withoutKeepAlive.url);
    const trials = [...ways.flatMap(way => ARRIVAL_RATES.map(rate => openTrial(way, rate))), kept, fresh];
    const random = seededRandom(SEED);
    for (let block = 0; block < BLOCKS; block++) {
      say(`block ${block + 1} of ${BLOCKS}`);
      for (const trial of shuffled(trials, random)) await trial(figures, block);
    }
    const what = `${deployment.processes} workers, ${deployment.databaseConnections} database connections`;
    process.stdout.write(`${BLOCKS} blocks in shuffled order (seed ${SEED}), ${what}, Node ${process.version}\n`);
    process.stdout.write(figures.cpuTable(ways, direct, ARRIVAL_RATES));
    process.stdout.write(figures.throughputTable());
    const checks = [
      ...ARRIVAL_RATES.map(rate => figures.checkWorkers(direct, bare, rate)),
      ...ARRIVAL_RATES.map(rate => figures.checkNginx(nginx, rate)),
      figures.checkKeepAlive(),
    ];
    for (const { sentence } of checks) process.stdout.write(`${sentence}\n`);
    if (!checks.every(({ holds }) => holds)) process.exitCode = 1;
  } finally {
    await stack.stop();
  }
}

type Trial = (figures: Figures, block: number) => Promise<void>;

function openTrial(way: Way, arrivalRate: PerSecond): Trial {
  return async (figures, block) => {
    const load = { arrivalRate, time: LOAD_TIME, seed: block };
    figures.addCpu(way, arrivalRate, await cpuPerRequest(way, load, signal));
  };
}

function saturation(connections: 'kept' | 'fresh', url: string): Trial {
  const { path } = requestFor('plain', {});
  return async figures => {
    figures.addThroughput(connections, await measureThroughput({ url, path, users: USERS, time: SATURATION, signal }));
  };
}

async function warmUp(ways: readonly Way[]): Promise<void> {
  for (const { url } of ways) {
    await measureThroughput({ url, path: ITEM.path, users: USERS, time: WARM_UP, signal });
  }
}
