import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { exitCodes, LoadlineError } from '../../model/errors.ts';
import type { CommandContext } from './context.ts';

/** Every command, in the order of the help: a name, a file. */
const commands = [
  'up',
  'down',
  'status',
  'check',
  'compare',
  'calibrate',
  'report',
  'diff',
  'plan',
  'exercise',
  'test',
  'clean',
];

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));

// Whoever reads the output may have had enough of it: `./loadline check | head -3`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  interrupt('SIGPIPE');
});

const context: CommandContext = {
  root: join(import.meta.dirname, '../..'),
  signal: interruption.signal,
  say: line => void process.stderr.write(`${line}\n`),
  print: text => void process.stdout.write(`${text}\n`),
};

try {
  const program = new Command('loadline')
    .description('Which way of running this service carries our load, and how much of it?')
    .version(JSON.parse(readFileSync(join(context.root, 'package.json'), 'utf8')).version)
    .exitOverride()
    .showHelpAfterError('See ./loadline --help.');
  for (const name of commandsToLoad(process.argv[2])) {
    const { register } = (await import(`./${name}.ts`)) as CommandFile;
    register(program, context);
  }
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(interruption.signal.aborted ? interruption.signal.reason : error);
}

interface CommandFile {
  register(program: Command, context: CommandContext): void;
}

/** Only the file of the command that was asked for, so that a quick command stays quick; all of them for the help. */
function commandsToLoad(asked: string | undefined): string[] {
  return asked !== undefined && commands.includes(asked) ? [asked] : commands;
}

function interrupt(signal: NodeJS.Signals): void {
  // Once aborted nothing is waited for that could be ended, so a second Ctrl-C has nothing to add.
  const by = signal === 'SIGINT' ? 'Ctrl-C' : signal;
  interruption.abort(new LoadlineError('interrupted', `${by}: what was started has been stopped.`));
}

/** Says what went wrong, once and to a person; gives the exit code. */
function report(error: unknown): number {
  // commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const debug = Boolean(process.env.LOADLINE_DEBUG);
  if (error instanceof LoadlineError) {
    context.say(`loadline: ${error.message}`);
    if (debug) context.say(String(error.stack));
    return error.exitCode;
  }
  context.say(`loadline: internal error: ${error instanceof Error ? error.message : String(error)}`);
  context.say(debug && error instanceof Error ? String(error.stack) : '  LOADLINE_DEBUG=1 shows where it happened.');
  return exitCodes.internal;
}
