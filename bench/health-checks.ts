/**
 * What the health checks of the whole reference stack take while nobody asks anything: CPU time of its containers and
 * of the engine, with the checks and without, in turn. Needs an engine on this machine itself, and to be root; nobody
 * else may use the engine meanwhile.
 * `npm run bench:health`
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Table from 'cli-table3';
import { readCpuTime } from '../lab/probe/processes.ts';
import { docker } from '../lab/runtimes/compose/docker.ts';
import { type ComposeFile, readReference } from '../lab/runtimes/compose/project.ts';
import { type Fraction, percentTo, type Seconds } from '../model/quantities.ts';
import { meanInterval } from '../model/statistics.ts';

const PAIRS = Number(process.argv[2] ?? 3);
/** Until everything has started, and the first checks, which come quickly, are over. */
const SETTLE: Seconds = 15;
/** Twice as long as a check waits before it looks again. */
const LOOK: Seconds = 63;
/** Of one core. */
const BAR: Fraction = 0.03;

const root = join(import.meta.dirname, '..');
const project = 'loadline-bench-health';
const interruption = new AbortController();
const { signal } = interruption;
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interruption.abort());

const folder = await mkdtemp(join(tmpdir(), 'loadline-bench-'));
try {
  const pairs: { with: Fraction; without: Fraction }[] = [];
  while (pairs.length < PAIRS) {
    pairs.push({ without: await shareOfACore('without'), with: await shareOfACore('with') });
    process.stderr.write(`${pairs.length} of ${PAIRS} pairs\n`);
  }
  const head = ['CPU of stack and engine, idle: with checks', 'without', 'difference'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const pair of pairs) table.push([pair.with, pair.without, pair.with - pair.without].map(shown));
  process.stdout.write(`${table.toString()}\n`);
  const { estimate, low, high } = meanInterval(pairs.map(pair => pair.with - pair.without));
  const verdict = high <= BAR ? 'holds' : low > BAR ? 'missed' : 'not decided';
  process.stdout.write(
    `health checks: ${shown(estimate)} of one core (95 %: ${shown(low)} to ${shown(high)}), at most ${shown(BAR)}: ${verdict}\n`,
  );
  if (verdict !== 'holds') process.exitCode = 1;
} catch (error) {
  if (!signal.aborted) throw error;
  process.exitCode = 130;
} finally {
  await rm(folder, { recursive: true });
}

/** CPU seconds a second of the idle stack and of the engine. */
async function shareOfACore(checks: 'with' | 'without'): Promise<Fraction> {
  const reference = await readReference(root, { project, variables: {}, signal });
  const file = join(folder, 'compose.json');
  await writeFile(file, JSON.stringify(checks === 'with' ? unpublished(reference) : unchecked(unpublished(reference))));
  const compose = (args: readonly string[], ended?: AbortSignal) =>
    docker(['compose', '--file', file, '--project-name', project, ...args], {
      limit: 120,
      ...(ended && { signal: ended }),
    });
  try {
    await compose(['up', '--build', '--detach', 'database'], signal);
    while ((await compose(['exec', '-T', 'database', 'pg_isready', '--host=127.0.0.1']).catch(() => '')) === '') {
      await delay(200, undefined, { signal });
    }
    await compose(['up', '--detach'], signal);
    await delay(SETTLE * 1000, undefined, { signal });
    const ids = (await compose(['ps', '--quiet', '--no-trunc'])).trim().split('\n');
    const processes = await engineAnd(ids);
    const [begin, before] = [performance.now(), readCpuTime(processes)];
    await delay(LOOK * 1000, undefined, { signal });
    return (readCpuTime(processes) - before) / ((performance.now() - begin) / 1000);
  } finally {
    await compose(['down', '--volumes', '--timeout', '1']);
  }
}

/** On no port, so that it meets nobody; and without k6. */
function unpublished(reference: ComposeFile): ComposeFile {
  const { k6: _, ...services } = reference.services;
  return { ...reference, services: mapped(services, service => ({ ...service, profiles: undefined, ports: [] })) };
}

function unchecked(reference: ComposeFile): ComposeFile {
  const waits = ({ condition, ...rest }: { condition: string }) => ({
    ...rest,
    condition: condition === 'service_healthy' ? 'service_started' : condition,
  });
  return {
    ...reference,
    services: mapped(reference.services, service => ({
      ...service,
      healthcheck: { disable: true },
      ...(service.depends_on && { depends_on: mapped(service.depends_on, waits) }),
    })),
  };
}

function mapped<Value, Other>(
  values: Readonly<Record<string, Value>>,
  to: (value: Value) => Other,
): Record<string, Other> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, to(value)]));
}

/** The processes of the engine, and those that are the parents of everything that runs in these containers. */
async function engineAnd(containers: readonly string[]): Promise<number[]> {
  const found: number[] = [];
  for (const pid of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const program = words.split('\0')[0]?.split('/').at(-1) ?? '';
    const shim = program.startsWith('containerd-shim') && containers.some(id => words.includes(id));
    // An engine that has started its own containerd is counted with it.
    if (shim || program === 'dockerd' || (program === 'containerd' && !words.includes('docker/containerd')))
      found.push(Number(pid));
  }
  return found;
}

function shown(fraction: Fraction): string {
  return percentTo(fraction, 2);
}
