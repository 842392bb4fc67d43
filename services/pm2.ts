import { fileURLToPath } from 'node:url';
import type { Variable } from '../model/environment.ts';
import { limits } from '../model/limits.ts';
import { listPrograms, type PlannedDeployment } from '../model/stack-plan.ts';

interface EcosystemOptions {
  /** The Node that runs the processes. */
  readonly nodePath: string;
  /** Absent: PM2's own environment names it. */
  readonly databaseUrl?: string;
  /** The file with the plan of the stack; absent: PM2's own environment names it. */
  readonly plan?: string;
  /** Where each process writes its log; absent: to nowhere but PM2's own output. */
  readonly logFolder?: string;
  /** A folder for what Node has compiled: a quicker start. */
  readonly compileCache?: string;
  /** In a container: the file with how many kills for memory were logged. */
  readonly memoryKillsTold?: string;
}

/** A process as PM2 takes it, in PM2's own words; times in milliseconds. */
export interface Pm2App {
  readonly name: string;
  readonly script: string;
  readonly interpreter: string;
  readonly exec_mode: 'fork';
  readonly env: Readonly<Record<string, string>>;
  readonly [setting: string]: unknown;
}

/** PM2's list of the processes of these deployments: plain data, for a JSON file. */
export function ecosystemOf(planned: readonly PlannedDeployment[], options: EcosystemOptions): { apps: Pm2App[] } {
  const apps = planned.flatMap(one =>
    listPrograms(one).map(({ name }, index) => pm2AppOf(one, name, index + 1, options)),
  );
  return { apps };
}

/** A program, as any that PM2 runs here. */
interface Pm2Program {
  readonly name: string;
  /** Absolute. */
  readonly script: string;
  /** What runs the script; `none`: it runs by itself. */
  readonly interpreter: string;
  readonly args?: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Seconds from the signal to stop to SIGKILL. */
  readonly kill: number;
  /** Seconds from its end to its next start. */
  readonly restart: number;
  /** Where it writes its log; absent: to nowhere but PM2's own output. */
  readonly logFolder?: string;
}

/** The program in PM2's own words. */
export function pm2App({ name, script, interpreter, args, env, kill, restart, logFolder }: Pm2Program): Pm2App {
  const log = (kind: 'out' | 'err') => (logFolder ? `${logFolder}/${name}.${kind}.log` : '/dev/null');
  return {
    name,
    script,
    interpreter,
    ...(args && { args }),
    exec_mode: 'fork',
    env,
    kill_timeout: kill * 1000,
    wait_ready: false,
    // Whoever ends is started again, after an ordered drain too: that is how a worker is renewed. No exit code can say
    // otherwise, since PM2 takes a process that was killed for one that ended with 0.
    autorestart: true,
    // The hundredth time as soon as the first, and without an end: it may be ordered to exit again and again, which PM2
    // cannot tell from a program that does not work. One that cannot start takes its time by itself.
    restart_delay: restart * 1000,
    max_restarts: Number.MAX_SAFE_INTEGER,
    merge_logs: true,
    out_file: log('out'),
    error_file: log('err'),
    // Nothing of PM2's own inside the process: it would be measured too.
    pmx: false,
    vizion: false,
    automation: false,
    treekill: false,
  };
}

function pm2AppOf(planned: PlannedDeployment, name: string, first: number, options: EcosystemOptions): Pm2App {
  const script = planned.deployment.spec.listen === 'replica' ? './cluster.ts' : './process.ts';
  return pm2App({
    name,
    script: fileURLToPath(new URL(script, import.meta.url)),
    interpreter: options.nodePath,
    env: environmentOf(planned, first, options),
    kill: limits.pm2.kill,
    restart: limits.pm2.restart,
    ...(options.logFolder && { logFolder: options.logFolder }),
  });
}

function environmentOf(
  { id }: PlannedDeployment,
  first: number,
  { databaseUrl, plan, compileCache, memoryKillsTold }: EcosystemOptions,
): Readonly<Record<string, string>> {
  const told: Partial<Record<Variable, string>> = {
    LOADLINE_DEPLOYMENT: id,
    LOADLINE_PROCESS: String(first),
    ...(plan === undefined ? {} : { LOADLINE_STACK: plan }),
    ...(databaseUrl === undefined ? {} : { LOADLINE_DATABASE_URL: databaseUrl }),
    ...(memoryKillsTold === undefined ? {} : { LOADLINE_MEMORY_KILLS_TOLD: memoryKillsTold }),
  };
  return {
    ...told,
    NODE_ENV: 'production',
    // Each thread has a heap of its own. Little is in flight in it, so that a young generation of 2 MB will do, and an
    // old one need not grow fourfold between two collections, as V8 has it where memory is plenty.
    NODE_OPTIONS: '--max-semi-space-size=2 --max-old-space-size=1024',
    // V8's compilers take memory in pieces of 32 kB: these go back to the system and leave no holes.
    MALLOC_MMAP_THRESHOLD_: '30000',
    MALLOC_ARENA_MAX: '2',
    ...(compileCache === undefined ? {} : { NODE_COMPILE_CACHE: compileCache }),
  };
}
