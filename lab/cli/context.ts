/** What every command is given; a command's own options are the command's. */
export interface CommandContext {
  /** The checkout that Loadline runs from. */
  readonly root: string;
  /** Aborted by Ctrl-C and by SIGTERM: the command stops what it started and throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Tells a person how it goes, a line on stderr. */
  readonly say: (line: string) => void;
  /** Hands over what was asked for, lines on stdout. */
  readonly print: (text: string) => void;
}
