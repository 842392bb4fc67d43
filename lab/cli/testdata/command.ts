import assert from 'node:assert/strict';
import { Command } from 'commander';
import { LoadlineError } from '../../../model/errors.ts';
import type { CommandContext } from '../context.ts';

interface CommandFile {
  register(program: Command, context: CommandContext): void;
}

export interface CommandRun {
  /** On stdout. */
  readonly printed: string;
  /** Lines on stderr. */
  readonly said: readonly string[];
  readonly error?: LoadlineError;
}

/** Runs a command as main.ts does: what it printed, and the error that it ended with. */
export async function runCommand(
  { register }: CommandFile,
  root: string,
  words: readonly string[],
): Promise<CommandRun> {
  const lines: string[] = [];
  const said: string[] = [];
  const program = new Command().exitOverride();
  register(program, {
    root,
    signal: new AbortController().signal,
    say: line => void said.push(line),
    print: text => void lines.push(text),
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return { printed: lines.join('\n'), said };
  } catch (error) {
    assert.ok(error instanceof LoadlineError, String(error));
    return { printed: lines.join('\n'), said, error };
  }
}
