import { createHash } from 'node:crypto';

/** By which others know a client: from it nobody finds the client's id, which is what lets it drive. */
export function tagOf(client: string): string {
  return createHash('sha256').update(client).digest('base64url').slice(0, 16);
}
