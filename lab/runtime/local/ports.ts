import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { LoadlineError } from '../../loadline-error.ts';

/** Free ports of the loopback address that nobody else of Loadline takes. */
export interface PortClaim extends AsyncDisposable {
  readonly ports: readonly number[];
  /** To be called when everything listens on its port: from then on the ports guard themselves. */
  release(): Promise<void>;
}

/** Blocks begin at multiples of this, so that two that overlap have a first port in common. */
const BLOCK = 64;
const LOWEST = 20_000;
const ATTEMPTS = 200;

/**
 * Claims so many consecutive free ports, below those that the kernel gives to outgoing connections. The first port of
 * each block is never handed out: a socket that listens there until `release` keeps out others who start now.
 */
export async function claimPorts(count: number, signal?: AbortSignal): Promise<PortClaim> {
  const blocks = Math.ceil(count / (BLOCK - 1));
  const last = Math.floor(firstOutgoingPort() / BLOCK) - blocks;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    signal?.throwIfAborted();
    const first = randomInt(Math.ceil(LOWEST / BLOCK), last + 1) * BLOCK;
    const candidates = Array.from({ length: blocks * BLOCK }, (_, index) => first + index);
    const guards = await listenOn(candidates.filter(port => port % BLOCK === 0));
    if (guards === undefined) continue;
    const ports = candidates.filter(port => port % BLOCK !== 0).slice(0, count);
    const free = await listenOn(ports);
    if (free === undefined) {
      await closeAll(guards);
      continue;
    }
    await closeAll(free);
    const release = () => closeAll(guards.splice(0));
    return { ports, release, [Symbol.asyncDispose]: release };
  }
  throw new LoadlineError(
    'ports-taken',
    `no ${count} consecutive free ports were found on 127.0.0.1 from ${LOWEST} on; stop what runs there, for instance with ./loadline clean`,
  );
}

/** Whether nobody listens on that port of the loopback address. */
export async function isFree(port: number): Promise<boolean> {
  const servers = await listenOn([port]);
  await closeAll(servers ?? []);
  return servers !== undefined;
}

/** The first of the ports that the kernel takes for outgoing connections. */
function firstOutgoingPort(): number {
  const lowestUseful = LOWEST + 100 * BLOCK;
  try {
    const first = Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
    return first > lowestUseful ? first : 32_768;
  } catch {
    return 32_768;
  }
}

/** Listens on all of `ports`, or on none of them. */
async function listenOn(ports: readonly number[]): Promise<Server[] | undefined> {
  const servers: Server[] = [];
  for (const port of ports) {
    const server = createServer(socket => socket.destroy());
    // A claim alone keeps no process alive.
    server.listen({ port, host: '127.0.0.1', exclusive: true }).unref();
    try {
      await once(server, 'listening');
      servers.push(server);
    } catch {
      await closeAll(servers);
      return undefined;
    }
  }
  return servers;
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  await Promise.all(servers.map(server => new Promise(closed => server.close(closed))));
}
