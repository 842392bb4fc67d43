import { z } from 'zod';
import { LoadlineError } from '../../../model/errors.ts';
import { DockerFailure, docker, linesOf } from './docker.ts';

const LINES_SHOWN = 12;
/** In the words of Docker Engine 20.10 to 26, and of later ones. */
const noAddresses =
  /could not find an available, non-overlapping IPv4 address pool|all predefined address pools have been fully subnetted/i;

const stateSchema = z.object({ Service: z.string(), State: z.string(), Health: z.string(), ExitCode: z.number() });
type State = z.infer<typeof stateSchema>;

/** What is told of a build that failed: the end of what it said. */
export function buildFailure(cause: unknown): unknown {
  if (!(cause instanceof DockerFailure)) return cause;
  return new LoadlineError('image-failed', `The image of the service could not be built:${indented(cause.said)}`, {
    cause,
  });
}

/** What is told of a project that did not come up: which service is to blame, and the end of its log. */
export async function startFailure(compose: readonly string[], cause: unknown): Promise<unknown> {
  if (!(cause instanceof DockerFailure)) return cause;
  if (noAddresses.test(cause.said)) {
    return new LoadlineError(
      'networks-taken',
      'The Docker Engine has no range of addresses left for a network; remove unused networks: docker network prune',
      { cause },
    );
  }
  const states = linesOf(await docker([...compose, 'ps', '--all', '--format', 'json'])).map(line =>
    stateSchema.parse(JSON.parse(line)),
  );
  const culprit = states.find(isBroken);
  if (!culprit) {
    return new LoadlineError('containers-failed', `The containers could not be started:${indented(cause.said)}`, {
      cause,
    });
  }
  const { Service: service } = culprit;
  const logs = await docker(
    [...compose, 'logs', '--no-color', '--no-log-prefix', '--tail', `${LINES_SHOWN}`, service],
    { both: true },
  );
  const said = logs.trim() === '' ? ' nothing' : indented(logs);
  return new LoadlineError(
    'containers-failed',
    `The container of ${service} ${endOf(culprit)}. The end of its log:${said}`,
    {
      cause,
    },
  );
}

function isBroken({ State, Health, ExitCode }: State): boolean {
  return Health === 'unhealthy' || (State === 'exited' && ExitCode !== 0) || State === 'dead' || State === 'restarting';
}

function endOf({ State, Health, ExitCode }: State): string {
  return Health === 'unhealthy' && State === 'running' ? 'did not become healthy' : `ended with exit code ${ExitCode}`;
}

/** The last lines of an output. */
function indented(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-LINES_SHOWN);
  return lines.map(line => `\n    ${line}`).join('');
}
