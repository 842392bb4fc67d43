import type { Resource } from '../../model/measurement.ts';

/** What a resource is called in a sentence. */
export const resourceNames: Readonly<Record<Resource, string>> = {
  cpu: 'the CPUs',
  workers: 'the workers',
  'database-connections': 'the database connections',
  nginx: 'nginx',
};
