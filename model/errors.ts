/** The exit codes of all commands; k6 too uses 99 for a missed threshold. */
export const exitCodes = {
  done: 0,
  internal: 1,
  usage: 2,
  machine: 3,
  invalid: 4,
  missed: 99,
  interrupted: 130,
} as const;

/**
 * Every error that Loadline throws on purpose: its code, which is never reused, and its exit code. The message is written
 * where the error is thrown: what happened, to which thing, what to do next. A test keeps `docs/errors.md` equal.
 */
export const errorCatalogue = {
  usage: { exit: 'usage', means: 'The command line is invalid.' },
  'experiment-unreadable': { exit: 'usage', means: 'The experiment file is missing or is not YAML.' },
  'experiment-invalid': { exit: 'usage', means: 'The experiment file is invalid.' },
  'results-unreadable': { exit: 'usage', means: 'A results file is missing, incomplete or of another version.' },
  'deployment-impossible': {
    exit: 'usage',
    means: 'The sizes of a deployment cannot work, such as two processes of `async`.',
  },
  'directive-unsafe': { exit: 'internal', means: 'A value could break out of an nginx directive and was rejected.' },
  'nginx-missing': { exit: 'machine', means: 'nginx is not installed and could not be unpacked.' },
  'nginx-refused': { exit: 'internal', means: 'nginx rejected its configuration.' },
  'open-files-limited': { exit: 'machine', means: 'The limit of open files leaves nginx too few connections.' },
  'k6-missing': { exit: 'machine', means: 'The pinned version of k6 is not installed and could not be built.' },
  'k6-failed': { exit: 'internal', means: 'k6 exited before the load ended.' },
  'postgres-missing': { exit: 'machine', means: 'The packaged Postgres is not installed.' },
  'postgres-failed': { exit: 'internal', means: 'Postgres did not start.' },
  'workers-failed': { exit: 'internal', means: 'The processes of a deployment did not become ready.' },
  'page-failed': { exit: 'internal', means: 'The page of the dashboard could not be built.' },
  'dashboard-failed': { exit: 'internal', means: 'The dashboard did not become ready.' },
  'not-drained': { exit: 'internal', means: 'A deployment was still busy long after the load had ended.' },
  'worker-restarted': { exit: 'internal', means: 'A process of a deployment exited while it was measured.' },
  'simulation-failed': { exit: 'internal', means: 'A thread of the simulation failed.' },
  'ports-taken': { exit: 'machine', means: 'No free ports were found on the loopback address.' },
  'stack-running': { exit: 'usage', means: 'The stack is already up, or another command is working on it.' },
  'engine-missing': { exit: 'machine', means: 'No usable Docker Engine was found.' },
  'engine-failed': { exit: 'internal', means: 'The Docker Engine stopped answering or did not carry out a command.' },
  'image-failed': { exit: 'internal', means: 'The image of the service could not be built.' },
  'containers-failed': {
    exit: 'internal',
    means: 'A container did not start, did not become healthy, or did not get its limits.',
  },
  'networks-taken': { exit: 'machine', means: 'The Docker Engine has no address range left for a network.' },
  'memory-short': { exit: 'machine', means: 'The workers need far more memory than there is.' },
  'folder-unwritable': { exit: 'machine', means: 'Loadline cannot write to a folder.' },
  'contract-broken': {
    exit: 'invalid',
    means: 'A deployment does not honour the contract of the service, so nothing was measured.',
  },
  'parts-missing': { exit: 'machine', means: 'A part of the stack is missing on this machine.' },
  'measurement-running': { exit: 'usage', means: 'Another measurement is running in this checkout.' },
  'run-in-use': { exit: 'usage', means: 'Another command is writing the folder of the run.' },
  'run-not-resumable': {
    exit: 'usage',
    means: 'A run can be resumed only on the same machine and with the same options.',
  },
  'instrument-unfit': { exit: 'invalid', means: 'The generator or the machine missed a bar of the calibration.' },
  'runs-not-comparable': { exit: 'usage', means: 'The two runs measured different things and cannot be compared.' },
  regression: { exit: 'missed', means: 'A capacity dropped by more than `--allow`.' },
  'nothing-measured': { exit: 'invalid', means: 'No load of the experiment could be measured.' },
  'measurement-missing': { exit: 'usage', means: 'A plan needs measurements that the run does not have.' },
  'deployments-hidden': {
    exit: 'usage',
    means: 'A plan needs deployments that report their workers; those of the run are all hidden.',
  },
  'topology-not-simulated': {
    exit: 'usage',
    means:
      'Simulation and plan do not know the workers of a topology: a worker must be one thread that serves one request at a time, or any number.',
  },
  'objective-below-service-time': {
    exit: 'usage',
    means: 'The objective is shorter than a request takes without load.',
  },
  'extrapolated-too-far': {
    exit: 'usage',
    means: 'The question lies further beyond the measurements than the model is trusted.',
  },
  'objective-unmet': { exit: 'missed', means: 'No deployment meets the objective under the load.' },
  'answer-wrong': { exit: 'missed', means: 'The answer to an exercise is wrong.' },
  'exercise-disagrees': { exit: 'missed', means: 'The measurement does not agree with the answer to an exercise.' },
  interrupted: {
    exit: 'interrupted',
    means: 'The command was interrupted (Ctrl-C or a signal) and stopped everything that it had started.',
  },
} as const satisfies Record<string, { exit: keyof typeof exitCodes; means: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error for the person who runs Loadline. */
export class LoadlineError extends Error {
  override readonly name = 'LoadlineError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** The exit code of a command that ends with this error. */
  get exitCode(): number {
    return exitCodes[errorCatalogue[this.code].exit];
  }
}
