import type { Topology } from '../model/topology.ts';

/** A service of `docker-compose.yml`, with the comment before it. */
interface Block {
  readonly name: string;
  readonly text: string;
}

/** The text of `docker-compose.yml` with these topologies in place of those that it has. */
export function composeFileWith(topologies: readonly Topology[], text: string): string {
  const byName = topologies.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  const [head = '', afterHead = ''] = splitAt(text, '\nservices:\n');
  const [services = '', rest = ''] = splitAt(afterHead, '\nnetworks:\n');
  const others = splitBlocks(services).filter(block => !block.text.includes('\n    <<: *topology\n'));
  const blocks = [...others, ...byName.map(renderService)].sort((one, other) => (one.name < other.name ? -1 : 1));
  const body = blocks.map(block => (block.name === 'nginx' ? nginxWith(byName, block.text) : block.text)).join('\n\n');
  const published = topologies.map(({ name }) => `${name}=\${${portVariable(name)}}`).join(' ');
  return `${head}\nservices:\n${body}\n\nnetworks:\n${rest}`.replace(
    /LOADLINE_PUBLISHED: .*/,
    () => `LOADLINE_PUBLISHED: ${published}`,
  );
}

/** The text of `.env` with these topologies in place of those that it has. */
export function environmentFileWith(topologies: readonly Topology[], text: string): string {
  const ports = topologies.map(({ name, port }) => `${portVariable(name)}=${port}`);
  return text
    .replace(/^COMPOSE_PROFILES=.*$/m, `COMPOSE_PROFILES=${topologies.map(({ name }) => name).join(',')}`)
    .replace(/^(PORT_PAGE=.*\n)(?:PORT_.*\n)*/m, (_, page: string) => `${page}${ports.join('\n')}\n`);
}

/** The variable of `.env` with the port that a topology is published on: `PORT_SYNC_THREADS`. */
function portVariable(topology: string): string {
  return `PORT_${topology.toUpperCase().replaceAll('-', '_')}`;
}

function renderService({ name, shows, app }: Topology): Block {
  const comment = `${shows.slice(0, 1).toUpperCase()}${shows.slice(1)} (services/apps/${app}.ts)`;
  return {
    name,
    text: [
      `  # ${comment}`,
      `  ${name}:`,
      '    environment:',
      '      <<: *environment',
      `      LOADLINE_SERVICE: ${name}`,
      '    <<: *topology',
      `    profiles: [${name}]`,
    ].join('\n'),
  };
}

/** nginx waits for every topology that there is, and publishes all of them. */
function nginxWith(topologies: readonly Topology[], text: string): string {
  const waits = [
    ...topologies.map(({ name }) => ({ name, condition: 'service_healthy', required: '        required: false\n' })),
    { name: 'stack', condition: 'service_completed_successfully', required: '' },
  ].sort((one, other) => (one.name < other.name ? -1 : 1));
  const dependsOn = waits.map(
    ({ name, condition, required }) => `      ${name}:\n        condition: ${condition}\n${required}`,
  );
  const page = `      - host_ip: \${PAGE_ADDRESS}\n        published: \${PORT_PAGE}\n        target: 8080\n`;
  const ports = topologies.map(
    ({ name, port }) => [portVariable(name), `      - '127.0.0.1:\${${portVariable(name)}}:${port}'\n`] as const,
  );
  // dclint wants them by their text.
  const lines = [...ports, ['PORT_PAGE', page] as const].sort(([one], [other]) => (`${one}}` < `${other}}` ? -1 : 1));
  return text
    .replace(/( {4}depends_on:\n)(?: {6,}.*\n)+/, (_, key: string) => `${key}${dependsOn.join('')}`)
    .replace(/( {4}ports:\n)(?: {6,}.*\n)+/, (_, key: string) => `${key}${lines.map(([, line]) => line).join('')}`);
}

function splitBlocks(services: string): Block[] {
  return services
    .trimEnd()
    .split(/\n\n(?= {2}\S)/)
    .map(text => ({ name: /^ {2}([a-z0-9-]+):/m.exec(text)?.[1] ?? '', text }));
}

function splitAt(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator);
  if (at < 0) throw new Error(`docker-compose.yml has no ${separator.trim()}`);
  return [text.slice(0, at), text.slice(at + separator.length)];
}
