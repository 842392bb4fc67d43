/** Stand-ins for `docker`, as scripts for `withPretendedDocker`: what it answers where the engine cannot be used. */

export interface DockerAnswers {
  /** The address of the engine. */
  readonly host?: string;
  /** Of `docker info`: text as it is, anything else as JSON. */
  readonly info?: unknown;
  /** The part of `docker version` about the server. */
  readonly server?: unknown;
  /** Of `docker inspect`. */
  readonly inspect?: unknown;
}

const engine = {
  ServerVersion: '28.5.2',
  NCPU: 8,
  OperatingSystem: 'Debian GNU/Linux 13 (trixie)',
  KernelVersion: '6.12.48',
  CgroupVersion: '2',
};

/** A `docker` that gives these answers. */
export function dockerAnswering({ host = 'unix:///var/run/docker.sock', ...answers }: DockerAnswers): string {
  const { info = infoWith({}), server = {}, inspect } = answers;
  const cases = { context: host, info, version: server, ...(inspect !== undefined && { inspect }) };
  const lines = Object.entries(cases).map(([command, answer]) => {
    const text = typeof answer === 'string' ? answer : JSON.stringify(answer);
    return `${command}) cat <<'END'\n${text}\nEND\n;;`;
  });
  return `case "$1" in\n${lines.join('\n')}\n*) exit 1;;\nesac`;
}

/** What `docker info` answers with plugins of these versions; `null`: not installed. */
export function infoWith({ compose = '2.40.3', buildx = 'v0.29.1' }: Record<string, string | null>): object {
  const plugins = Object.entries({ buildx, compose }).filter(([, version]) => version !== null);
  return { ...engine, ClientInfo: { Plugins: plugins.map(([Name, Version]) => ({ Name, Version })) } };
}

/** A `docker` that refuses every command with these words. */
export function dockerRefusing(words: string): string {
  return `echo '${words}' >&2; exit 1`;
}

const silence = { ...engine, ServerVersion: '', NCPU: 0, OperatingSystem: '', KernelVersion: '', CgroupVersion: '' };

/** Each with what is wrong in it. */
export const brokenDockers = {
  'engine absent, and docker info exits 0 with an empty version and 0 CPUs': dockerAnswering({ info: silence }),
  'engine absent, and docker info exits 0 with nothing but the reason': dockerAnswering({
    info: {
      ServerErrors: [
        'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
      ],
    },
  }),
  'docker info answers something that is not JSON': dockerAnswering({ info: 'Server Version: 28.5.2' }),
  'docker info answers half an object': dockerAnswering({ info: '{"ServerVersion":"28.5.2","NCPU":' }),
  'permission denied on the socket': dockerRefusing(
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get "http://%2Fvar%2Frun%2Fdocker.sock/v1.47/info": dial unix /var/run/docker.sock: connect: permission denied',
  ),
  'Podman under the name docker': dockerAnswering({
    info: { host: { arch: 'amd64', cpus: 2 }, store: { graphDriverName: 'overlay' }, version: { Version: '4.3.1' } },
  }),
  'Podman under the name docker, which cannot run': dockerRefusing(
    'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\nError: cannot set up namespace using newuidmap',
  ),
  'docker talks to the socket of Podman': dockerAnswering({
    info: infoWith({}),
    server: { Components: [{ Name: 'Podman Engine', Version: '5.4.2' }] },
  }),
  'Compose missing': dockerAnswering({ info: infoWith({ compose: null }) }),
  'Compose too old': dockerAnswering({ info: infoWith({ compose: '2.21.0' }) }),
  'buildx missing, and Compose has no BuildKit of its own': dockerAnswering({
    info: infoWith({ compose: '5.0.1', buildx: null }),
  }),
  'buildx too old for Compose': dockerAnswering({ info: infoWith({ buildx: 'v0.10.5' }) }),
  'remote engine over tcp': dockerAnswering({ host: 'tcp://10.0.0.7:2376' }),
  'remote engine over ssh': dockerAnswering({ host: 'ssh://ci@builder.example' }),
} as const;
