import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { z } from 'zod';
import { LoadlineError } from '../../../errors/loadline-error.ts';
import { tryLock } from '../lock.ts';
import { docker, linesOf } from './docker.ts';

/** A range of addresses that nobody has, and nobody else of Loadline takes until it is released: when a network has it. */
export interface SubnetClaim extends AsyncDisposable {
  /** Its first three numbers: `10.213.4`. */
  readonly prefix: string;
  release(): Promise<void>;
}

/** The default of `docker-compose.yml`, which a demo beside a measurement has. */
const REFERENCE = 87;

const networksSchema = z.array(
  z.object({ IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullable() }) }),
);

/** Claims one of the 10.213.x.0/24 that no network of the engine and no interface of this machine overlaps. */
export async function claimSubnet(signal: AbortSignal): Promise<SubnetClaim> {
  const taken = [...(await networksOf(signal)), ...interfacesHere()];
  const free = freeSubnets(taken);
  while (free.length > 0) {
    const [prefix = ''] = free.splice(randomInt(free.length), 1);
    const lock = await tryLock(`subnet ${prefix}`);
    if (lock) return { ...lock, prefix };
  }
  throw new LoadlineError(
    'networks-taken',
    'Every 10.213.x.0/24 overlaps a network of this machine, so that the database can have none; remove networks that nobody uses: docker network prune',
  );
}

/** The first three numbers of every 10.213.x.0/24 that overlaps none of these, written as `172.17.0.0/16`. */
export function freeSubnets(taken: readonly string[]): string[] {
  const all = Array.from({ length: 256 }, (_, third) => third).filter(third => third !== REFERENCE);
  return all.map(third => `10.213.${third}`).filter(prefix => !taken.some(range => overlap(`${prefix}.0/24`, range)));
}

function overlap(one: string, other: string): boolean {
  const [first, second] = [rangeOf(one), rangeOf(other)];
  if (!first || !second) return false;
  const size = 2 ** (32 - Math.min(first.bits, second.bits));
  return Math.floor(first.address / size) === Math.floor(second.address / size);
}

/** `undefined` for what is not of IPv4. */
function rangeOf(text: string): { address: number; bits: number } | undefined {
  const numbers = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(text)?.slice(1).map(Number);
  if (!numbers) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = numbers;
  return { address: ((a * 256 + b) * 256 + c) * 256 + d, bits };
}

async function networksOf(signal: AbortSignal): Promise<string[]> {
  const ids = linesOf(await docker(['network', 'ls', '--quiet'], { signal }));
  // One that another command removes in the meantime is told on stderr; the others are answered all the same.
  const answer = await docker(['network', 'inspect', ...ids], { signal, partial: true });
  return networksSchema
    .parse(JSON.parse(answer))
    .flatMap(({ IPAM }) => (IPAM.Config ?? []).flatMap(({ Subnet }) => Subnet ?? []));
}

function interfacesHere(): string[] {
  return Object.values(networkInterfaces()).flatMap(addresses => (addresses ?? []).flatMap(({ cidr }) => cidr ?? []));
}
