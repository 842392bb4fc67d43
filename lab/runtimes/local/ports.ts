import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { LoadlineError } from '../../../model/errors.ts';
import { type Lock, tryLock } from '../lock.ts';

/** Free ports of the loopback address that nobody else of Loadline takes. */
export interface PortClaim extends AsyncDisposable {
  readonly ports: readonly number[];
  /** To be called when everything listens on its port: from then on the ports guard themselves. */
  release(): Promise<void>;
}

/** Blocks begin at multiples of this, and each has a lock. */
const BLOCK = 64;
const LOWEST = 20_000;
/** Where Linux begins with the ports of outgoing connections unless it is told otherwise. */
const USUAL_FIRST_OUTGOING = 32_768;
const ATTEMPTS = 200;

/** Claims so many consecutive free ports, below those that the kernel gives to outgoing connections. */
export async function claimPorts(count: number, signal?: AbortSignal): Promise<PortClaim> {
  const blocks = Math.ceil(count / BLOCK);
  const [lowest, highest] = [Math.ceil(LOWEST / BLOCK), Math.floor(firstOutgoingPort() / BLOCK) - blocks];
  if (highest < lowest) {
    throw new LoadlineError(
      'deployment-impossible',
      `It needs ${count} ports, more than there are from ${LOWEST} to ${firstOutgoingPort() - 1}; choose fewer processes or threads`,
    );
  }
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    const block = randomInt(lowest, highest + 1);
    const locks = await lockAll(Array.from({ length: blocks }, (_, index) => block + index));
    if (locks === undefined) continue;
    const ports = Array.from({ length: count }, (_, index) => block * BLOCK + index);
    const release = () => releaseAll(locks);
    if (await areFree(ports)) return { ports, release, [Symbol.asyncDispose]: release };
    await release();
  }
  throw new LoadlineError(
    'ports-taken',
    `no ${count} consecutive free ports were found on 127.0.0.1 from ${LOWEST} on; choose fewer processes or threads, or stop what Loadline left there with ./loadline clean`,
  );
}

/** Whether nobody listens on any of these ports of the loopback address. */
export async function areFree(ports: readonly number[]): Promise<boolean> {
  const servers: Server[] = [];
  try {
    for (const port of ports) {
      const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
      await once(server, 'listening');
      servers.push(server);
    }
    return true;
  } catch {
    return false;
  } finally {
    await Promise.all(servers.map(server => new Promise(closed => server.close(closed))));
  }
}

/** The first of the ports that the kernel takes for outgoing connections. */
function firstOutgoingPort(): number {
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return first > LOWEST + 100 * BLOCK ? first : USUAL_FIRST_OUTGOING;
  } catch {
    return USUAL_FIRST_OUTGOING;
  }
}

async function lockAll(blocks: readonly number[]): Promise<Lock[] | undefined> {
  const locks: Lock[] = [];
  for (const block of blocks) {
    const lock = await tryLock(`ports ${block}`);
    if (lock === undefined) {
      await releaseAll(locks);
      return undefined;
    }
    locks.push(lock);
  }
  return locks;
}

async function releaseAll(locks: readonly Lock[]): Promise<void> {
  await Promise.all(locks.map(lock => lock.release()));
}
