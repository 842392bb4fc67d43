import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { exitCodes, LoadlineError } from '../loadline-error.ts';
import type { CommandContext } from './context.ts';

/** Every command, in the order of the help: a name, a file. */
const commands = ['up', 'down', 'status', 'check', 'compare', 'test', 'clean'] as const;

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);

const context: CommandContext = {
  root: join(import.meta.dirname, '../..'),
  signal: interruption.signal,
  say: line => void process.stderr.write(`${line}\n`),
  print: text => void process.stdout.write(`${text}\n`),
};

const program = new Command('loadline')
  .description('Which way of running this service carries our load, and how much of it?')
  .exitOverride()
  .configureHelp({ showGlobalOptions: true });

for (const name of commands) {
  const { register } = (await import(`./${name}.ts`)) as { register(program: Command, context: CommandContext): void };
  register(program, context);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

function interrupt(): void {
  if (interruption.signal.aborted) context.say('stopping what was started; it takes a few seconds at most');
  interruption.abort(new LoadlineError('interrupted', 'Interrupted: what was started has been stopped.'));
}

/** Says what went wrong, once and to a person; gives the exit code. */
function report(error: unknown): number {
  const failure = interruption.signal.aborted ? interruption.signal.reason : error;
  if (failure instanceof CommanderError) return failure.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (failure instanceof LoadlineError) {
    context.say(`loadline: ${failure.message}`);
    if (process.env.LOADLINE_DEBUG && failure.cause) context.say(String(failure.cause));
    return failure.exitCode;
  }
  context.say(`loadline: internal error: ${failure instanceof Error ? failure.message : String(failure)}`);
  if (process.env.LOADLINE_DEBUG && failure instanceof Error) context.say(failure.stack ?? '');
  else context.say('  Please report it; LOADLINE_DEBUG=1 shows where it happened.');
  return exitCodes.internal;
}
