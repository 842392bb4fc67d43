import { nginxSettingsIn, POSTGRES_SETTINGS } from '../recorded-settings.ts';
import { docker, linesOf } from './docker.ts';
import { PSQL } from './psql.ts';
import { type ComposeStack, containerOf } from './stack.ts';

/** The ids of a stack's images, by what runs in them. */
export async function imagesOf({ k6Image, containers, endpoints }: ComposeStack): Promise<Record<string, string>> {
  const workers = endpoints[0]?.container.image;
  return {
    nginx: containerOf('nginx', containers).image,
    ...(workers !== undefined && { workers }),
    postgres: containerOf('database', containers).image,
    k6: (await docker(['image', 'inspect', '--format', '{{.Id}}', k6Image])).trim(),
  };
}

/** What is recorded of a stack's settings. */
export interface ComposeSettings {
  readonly nginx: string | undefined;
  readonly nginxSettings: Readonly<Record<string, string | undefined>>;
  readonly postgres: Readonly<Record<string, string>>;
}

/** The settings of a stack's nginx and Postgres that its measurements depend on, as the two write them. */
export async function settingsOf({ compose }: ComposeStack): Promise<ComposeSettings> {
  const inside = (service: string, ...command: string[]) =>
    docker([...compose, 'exec', '-T', service, ...command], { both: true });
  const names = POSTGRES_SETTINGS.map(name => `'${name}'`).join(', ');
  const query = `select name || '=' || current_setting(name) from pg_settings where name in (${names})`;
  const [version, configuration, postgres] = await Promise.all([
    inside('nginx', 'nginx', '-v'),
    inside('nginx', 'cat', '/etc/loadline/nginx.conf'),
    inside('database', 'sh', '-c', `${PSQL} --command="$1"`, 'psql', query),
  ]);
  return {
    nginx: /nginx\/([\d.]+)/.exec(version)?.[1],
    nginxSettings: nginxSettingsIn(configuration),
    postgres: Object.fromEntries(linesOf(postgres).map(line => line.split('='))),
  };
}
