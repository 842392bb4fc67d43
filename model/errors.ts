/** How a command ends, by exit code; 99 is k6's own for a missed threshold. */
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
 * Everything that Loadline throws on purpose: a code, never used again for another thing, and how the command ends.
 * The message is written where it is thrown: what happened, to which thing, what to do next. `docs/errors.md` lists
 * the codes; a test keeps the two equal.
 */
export const errorCatalogue = {
  usage: { exit: 'usage', means: 'The command line is not one that Loadline understands.' },
  'experiment-unreadable': { exit: 'usage', means: 'The experiment file is missing or is not YAML.' },
  'experiment-invalid': { exit: 'usage', means: 'The experiment file says something that cannot be.' },
  'results-unreadable': { exit: 'usage', means: 'A results file is missing, cut in half or of another version.' },
  'deployment-impossible': {
    exit: 'usage',
    means: 'A deployment whose numbers cannot be, such as two processes of `async`.',
  },
  'directive-unsafe': { exit: 'internal', means: 'A value that could break out of an nginx directive was refused.' },
  'nginx-missing': { exit: 'machine', means: 'nginx is not on this machine.' },
  'nginx-refused': { exit: 'internal', means: 'nginx refused the configuration that was rendered for it.' },
  'open-files-limited': { exit: 'machine', means: 'The limit of open files leaves nginx too few connections.' },
  'k6-missing': { exit: 'machine', means: 'k6 of the pinned version is not on this machine and could not be made.' },
  'k6-failed': { exit: 'internal', means: 'k6 ended before the load did.' },
  'postgres-missing': { exit: 'machine', means: 'The packaged Postgres is not installed.' },
  'postgres-failed': { exit: 'internal', means: 'Postgres did not start.' },
  'workers-failed': { exit: 'internal', means: 'The processes of a deployment did not become ready.' },
  'page-failed': { exit: 'internal', means: 'The page of the dashboard could not be built.' },
  'dashboard-failed': { exit: 'internal', means: 'The dashboard did not become ready.' },
  'not-drained': { exit: 'internal', means: 'A deployment was still at work long after the load had ended.' },
  'worker-restarted': { exit: 'internal', means: 'A process of a deployment died while it was measured.' },
  'simulation-failed': { exit: 'internal', means: 'A thread that simulated a trial broke down.' },
  'ports-taken': { exit: 'machine', means: 'No free ports were found on the loopback address.' },
  'stack-running': { exit: 'usage', means: 'The stack is already up.' },
  'engine-missing': { exit: 'machine', means: 'No Docker Engine here can run the stack.' },
  'engine-failed': { exit: 'internal', means: 'The Docker Engine stopped answering, or did not do as it was told.' },
  'image-failed': { exit: 'internal', means: 'The image of the service could not be built.' },
  'containers-failed': {
    exit: 'internal',
    means: 'A container of a stack did not start, did not become healthy, or did not take its limits.',
  },
  'networks-taken': { exit: 'machine', means: 'The Docker Engine has no range of addresses left for a network.' },
  'memory-short': { exit: 'machine', means: 'The workers of a stack would take far more memory than there is.' },
  'folder-unwritable': { exit: 'machine', means: 'A folder that Loadline writes to cannot be written.' },
  'contract-broken': {
    exit: 'invalid',
    means: 'A deployment does not answer as the contract says; nothing was measured.',
  },
  'parts-missing': { exit: 'machine', means: 'Something that a stack is made of is not on this machine.' },
  'measurement-running': { exit: 'usage', means: 'Something else is being measured in this checkout.' },
  'run-in-use': { exit: 'usage', means: 'The folder of the run is being written by another command.' },
  'run-not-resumable': {
    exit: 'usage',
    means: 'A run can be resumed only as it began: there, and with the same options.',
  },
  'instrument-unfit': { exit: 'invalid', means: 'The generator or the machine missed a bar of the calibration.' },
  'runs-not-comparable': {
    exit: 'usage',
    means: 'Two runs measured different things: no difference between them can be told.',
  },
  regression: { exit: 'missed', means: 'A capacity became less by more than is allowed.' },
  'nothing-measured': { exit: 'invalid', means: 'No load of the experiment could be measured.' },
  'measurement-missing': { exit: 'usage', means: 'A plan needs measurements that the run does not have.' },
  'deployments-hidden': {
    exit: 'usage',
    means: 'A plan needs deployments that tell what their workers do, and those of the run are all hidden.',
  },
  'topology-not-simulated': {
    exit: 'usage',
    means:
      'A topology has workers that simulation and plan do not know: each must be one thread that serves one request at a time, or any number.',
  },
  'objective-below-service-time': {
    exit: 'usage',
    means: 'A response time was asked for that is less than a request takes when it is alone.',
  },
  'extrapolated-too-far': {
    exit: 'usage',
    means: 'A plan was asked for further beyond the measurements than the model is trusted.',
  },
  'objective-unmet': { exit: 'missed', means: 'No deployment that was thought of meets the objective under the load.' },
  'answer-wrong': { exit: 'missed', means: 'The answer to an exercise is not right.' },
  'exercise-disagrees': { exit: 'missed', means: 'What was measured does not agree with the answer to an exercise.' },
  interrupted: { exit: 'interrupted', means: 'Ctrl-C, or a signal to end: what was started has been stopped.' },
} as const satisfies Record<string, { exit: keyof typeof exitCodes; means: string }>;

export type ErrorCode = keyof typeof errorCatalogue;

/** An error that is meant for the person who runs Loadline. */
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
