import { nginxSettingsIn, POSTGRES_SETTINGS } from '../recorded-settings.ts';
import { docker, linesOf } from './docker.ts';
import { type ComposeStack, containerOf } from './stack.ts';

/** The password is where Postgres itself was given it. */
const PSQL =
  'PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE") psql --username="$POSTGRES_USER" --no-align --tuples-only --command="$1"';

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

/** The settings of a stack's nginx and Postgres that its measurements depend on, as the two write them. */
export async function settingsOf({ compose }: ComposeStack): Promise<Record<string, unknown>> {
  const inside = (service: string, ...command: string[]) =>
    docker([...compose, 'exec', '-T', service, ...command], { both: true });
  const names = POSTGRES_SETTINGS.map(name => `'${name}'`).join(', ');
  const query = `select name || '=' || current_setting(name) from pg_settings where name in (${names})`;
  const [version, configuration, postgres] = await Promise.all([
    inside('nginx', 'nginx', '-v'),
    inside('nginx', 'cat', '/etc/loadline/nginx.conf'),
    inside('database', 'sh', '-c', PSQL, 'psql', query),
  ]);
  return {
    nginx: /nginx\/([\d.]+)/.exec(version)?.[1],
    nginxSettings: nginxSettingsIn(configuration),
    postgres: Object.fromEntries(linesOf(postgres).map(line => line.split('='))),
  };
}
