import type { LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP, type LookupFunction, Socket } from 'node:net';

/** Milliseconds that the name server has to answer; Docker's takes 10 s for a container that does not run. */
const LIMIT_MS = 300;

/** Gives the addresses of a name. */
export type FindAddresses = (name: string) => Promise<LookupAddress[]>;

/**
 * The addresses of a name, from /etc/hosts or else from the name server, within 0.3 s; rejects when there are none. The
 * system's own lookup would keep one of libuv's four threads for as long as the name server is silent.
 */
export async function findAddresses(name: string): Promise<LookupAddress[]> {
  const listed = listedIn(readHosts(), name);
  if (listed.length > 0) return listed;
  // A new one each time: it reads resolv.conf anew, and has no answers from before.
  const resolver = new Resolver({ timeout: LIMIT_MS, tries: 1 });
  const timer = setTimeout(() => resolver.cancel(), LIMIT_MS);
  try {
    return addressesFrom(await resolver.resolve4(name));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENODATA')) throw error;
    return addressesFrom(await resolver.resolve6(name));
  } finally {
    clearTimeout(timer);
  }
}

/** A socket that connects to the addresses that `find` gives for a name. */
export function socketWith(find: FindAddresses): Socket {
  const lookup: LookupFunction = (name, _options, callback) =>
    void find(name).then(
      found => callback(null, found),
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  const socket = new Socket();
  const connect = (port: number, host: string): Socket =>
    Reflect.apply(Socket.prototype.connect, socket, [{ port, host, lookup, autoSelectFamily: true }]);
  return Object.assign(socket, { connect });
}

/** The addresses that the text of a hosts file lists for a name, in its order. */
export function listedIn(hosts: string, name: string): LookupAddress[] {
  const lines = hosts.split('\n').map(line => line.replace(/#.*/, '').trim().toLowerCase().split(/\s+/));
  return addressesFrom(
    lines.flatMap(([address = '', ...names]) => (names.includes(name.toLowerCase()) ? [address] : [])),
  );
}

function addressesFrom(texts: readonly string[]): LookupAddress[] {
  return texts.map(address => ({ address, family: isIP(address) })).filter(({ family }) => family !== 0);
}

function readHosts(): string {
  try {
    return readFileSync('/etc/hosts', 'utf8');
  } catch {
    return '';
  }
}
