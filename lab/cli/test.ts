import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { styleText } from 'node:util';
import type { Command } from 'commander';
import type { Seconds } from '../../model/quantities.ts';
import { findEngine, isThere } from '../runtimes/compose/engine.ts';
import { removeLeftovers } from '../runtimes/compose/leftovers.ts';
import { findK6 } from '../runtimes/local/k6.ts';
import { provideNginx } from '../runtimes/local/nginx-download.ts';
import { endAllIn } from '../runtimes/local/processes.ts';
import type { CommandContext } from './context.ts';

/** Of one file; a file that takes longer hangs. */
const TEST_LIMIT: Seconds = 400;
/** Of one file that builds images and brings up stacks. */
const DOCKER_TEST_LIMIT: Seconds = 600;

interface Step {
  readonly name: string;
  readonly program: string;
  readonly arguments: readonly string[];
  /** The engine that tests in Docker use; without one that of the command docker. */
  readonly engine?: string;
}

/** `loadline test`: everything that must hold, cheapest first; it ends with the test runner's own summary. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('test')
    .description('format, lint, types, imports, unit tests, tests on simulated and local parts, tests in Docker')
    .option('--unit', 'only what needs no nginx, Postgres or k6')
    .option(
      '--all',
      'what takes long too, and the tests in Docker with each engine of LOADLINE_TEST_ENGINES (docker hosts, with spaces)',
    )
    .action(async ({ unit, all }: { unit?: boolean; all?: boolean }) => {
      const engines = all ? furtherEngines(context) : [];
      if (all) process.env.LOADLINE_TEST_ALL = '1';
      const tests = join(context.root, '.loadline/tests');
      mkdirSync(tests, { recursive: true });
      // Whatever a test starts has this folder in its environment or works in it, so that it can be found.
      const folder = mkdtempSync(join(tests, 'run-'));
      try {
        const { root, signal, say } = context;
        if (!unit) {
          await provideNginx({ signal, say });
          await findK6({ root, signal, say });
        }
        process.exitCode = await runSteps(listSteps(root, folder, unit ?? false, engines), folder, context);
      } finally {
        await endAllIn(folder);
        // A test that was ended by force may have left containers.
        if (!unit) for (const engine of [undefined, ...engines]) await removeLeftoversOn(engine, context.say);
        rmSync(folder, { recursive: true, force: true });
      }
    });
}

/** The engines that the environment names beside the usual one. */
function furtherEngines({ say }: CommandContext): string[] {
  const engines = (process.env.LOADLINE_TEST_ENGINES ?? '').split(' ').filter(host => host !== '');
  if (engines.length === 0)
    say('No further engine is tested: LOADLINE_TEST_ENGINES names none, for example unix:///run/docker-28.sock');
  return engines;
}

async function removeLeftoversOn(engine: string | undefined, say: CommandContext['say']): Promise<void> {
  const before = process.env.DOCKER_HOST;
  if (engine !== undefined) process.env.DOCKER_HOST = engine;
  try {
    if (isThere(await findEngine())) await removeLeftovers(say);
  } finally {
    if (before === undefined) delete process.env.DOCKER_HOST;
    else process.env.DOCKER_HOST = before;
  }
}

/** `folder` is for files that the steps need, `engines` are tested beside the usual one. */
function listSteps(root: string, folder: string, unitOnly: boolean, engines: readonly string[]): Step[] {
  const packaged = (name: string) => join(root, 'node_modules', '.bin', name);
  const folders = ['model', 'topologies', 'services', 'loadtests', 'lab', 'nginx', 'dashboard', 'bench'];
  const testFiles = globSync(`{${folders}}/**/*.test.ts`, { cwd: root });
  const {
    unit = [],
    simulated = [],
    local = [],
    docker = [],
  } = Object.groupBy(testFiles, file => /\.(simulated|local|docker)\.test\.ts$/.exec(file)?.[1] ?? 'unit');
  const tests = (name: string, files: readonly string[], concurrency: number, limit = TEST_LIMIT): Step => ({
    name,
    program: process.execPath,
    // A test that hangs fails.
    arguments: ['--test', `--test-concurrency=${concurrency}`, `--test-timeout=${limit * 1000}`, ...files],
  });
  const steps: Step[] = [
    { name: 'format and lint', program: packaged('biome'), arguments: ['ci', '--error-on-warnings', '.'] },
    { name: 'Compose file', program: packaged('dclint'), arguments: ['--max-warnings=0', 'docker-compose.yml'] },
    { name: 'types', program: packaged('tsc'), arguments: ['-p', '.'] },
    { name: 'types of the page', program: packaged('tsc'), arguments: ['-p', 'dashboard/page'] },
    { name: 'types of its tests', program: packaged('tsc'), arguments: ['-p', 'dashboard/page/tsconfig.node.json'] },
    {
      name: 'imports',
      program: packaged('depcruise'),
      arguments: ['--config', '.dependency-cruiser.json', ...folders],
    },
    tests('unit tests', together(root, unit, join(folder, 'unit')), 2),
    tests('tests on simulated deployments', together(root, simulated, join(folder, 'simulated')), 2),
  ];
  if (unitOnly) return steps;
  // Tests on real parts measure time and take the machine: one file after the other.
  steps.push(tests('tests on local parts', local, 1));
  if (docker.length === 0) return steps;
  steps.push(tests('tests in Docker', docker, 1, DOCKER_TEST_LIMIT));
  for (const engine of engines)
    steps.push({ ...tests(`tests in Docker with the engine at ${engine}`, docker, 1, DOCKER_TEST_LIMIT), engine });
  return steps;
}

/**
 * Test files of one folder in one process, each as a suite with hooks of its own, since most of them take less time
 * than the start of a process; writes into `folder` a file for each process, and returns these.
 */
function together(root: string, testFiles: readonly string[], folder: string): string[] {
  mkdirSync(folder);
  const byFolder = Object.groupBy(testFiles, file => dirname(file).split(sep).slice(0, 2).join('-'));
  return Object.entries(byFolder).map(([name, files = []]) => {
    const suites = files.map(file => {
      const [title, address] = [file, pathToFileURL(join(root, file)).href].map(text => JSON.stringify(text));
      return `describe(${title}, () => import(${address}));`;
    });
    const path = join(folder, `${name}.test.mjs`);
    writeFileSync(path, ["import { describe } from 'node:test';", ...suites, ''].join('\n'));
    return path;
  });
}

/** Runs the steps until one fails; returns the exit code. */
async function runSteps(steps: readonly Step[], folder: string, context: CommandContext): Promise<number> {
  for (const step of steps) {
    const begin = performance.now();
    context.say(styleText('bold', `• ${step.name}`, { stream: process.stderr }));
    const env = { ...process.env, TMPDIR: folder, ...(step.engine !== undefined && { DOCKER_HOST: step.engine }) };
    const child = spawn(step.program, step.arguments, { cwd: context.root, env, stdio: 'inherit' });
    const end = () => child.kill('SIGTERM');
    context.signal.addEventListener('abort', end);
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    context.signal.removeEventListener('abort', end);
    context.signal.throwIfAborted();
    if (code !== 0) {
      context.say(`${step.name} failed (${signal ?? `exit code ${code}`})`);
      return 1;
    }
    context.say(`  ${step.name}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
  }
  return 0;
}
