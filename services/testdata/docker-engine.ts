import { spawnSync } from 'node:child_process';

/** An engine that is there answers in a fraction of this; one behind a dead address never does. */
const LIMIT_MS = 5000;

/**
 * For the option `skip` of a test or a suite: why it cannot run here, or false where a Docker Engine answers. With
 * `CI=true` the reason is thrown: there, what was left out must not look like what passed.
 */
export function withoutDocker(environment: NodeJS.ProcessEnv = process.env): string | false {
  const version = docker(['version', '--format', '{{.Server.Version}}'], environment);
  if ('output' in version) {
    nameEngine(environment);
    return false;
  }
  if (environment.CI === 'true') throw new Error(`${version.failure}; with CI=true tests in Docker are not skipped`);
  return version.failure;
}

/** Testcontainers knows nothing of the contexts by which the docker command finds its engine. */
function nameEngine(environment: NodeJS.ProcessEnv): void {
  const context = docker(['context', 'inspect', '--format', '{{.Endpoints.docker.Host}}'], environment);
  if ('output' in context && context.output.startsWith('unix:')) environment.DOCKER_HOST ??= context.output;
}

function docker(parameters: string[], env: NodeJS.ProcessEnv): { output: string } | { failure: string } {
  const run = spawnSync('docker', parameters, { env, encoding: 'utf8', timeout: LIMIT_MS });
  if (run.status === 0) return { output: run.stdout.trim() };
  const code = run.error !== undefined && 'code' in run.error ? run.error.code : undefined;
  if (code === 'ENOENT') return { failure: 'there is no docker command on the PATH' };
  if (code === 'ETIMEDOUT') return { failure: `no Docker Engine answered within ${LIMIT_MS / 1000} s` };
  return { failure: `no Docker Engine answers: ${run.error?.message ?? run.stderr.trim()}` };
}
