/** The settings of Postgres that measurements depend on, by its own names. */
export const POSTGRES_SETTINGS = ['server_version', 'max_connections', 'shared_buffers', 'fsync', 'synchronous_commit'];

const NGINX_SETTINGS = ['worker_processes', 'worker_connections'];

/** The settings of nginx that measurements depend on, from the text of its configuration. */
export function nginxSettingsIn(configuration: string): Record<string, string | undefined> {
  const inNginx = (name: string) => new RegExp(`\\b${name} (\\w+);`).exec(configuration)?.[1];
  return Object.fromEntries(NGINX_SETTINGS.map(name => [name, inNginx(name)]));
}
