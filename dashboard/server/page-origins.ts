import { isIPv4, isIPv6 } from 'node:net';

/** Where the page can be reached. */
export interface Published {
  /** The origin of its address: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** The address of this machine that it is published on. */
  readonly on: string;
  /** Further names or origins under which browsers may ask for it, with their ports where these are not the usual ones. */
  readonly hosts: readonly string[];
}

/** The origins that the user named, and those of the addresses that the page is published on, without loopback. */
export function pageOrigins({ address, on, hosts }: Published): string[] {
  const { protocol, port } = new URL(address);
  const published = everyAddress.includes(on) ? [] : [`${protocol}//${bracketed(on)}${port && `:${port}`}`];
  const named = hosts.map(host => (host.includes('://') ? host : `${protocol}//${host}`));
  const own = [address, ...published].filter(origin => !isLoopback(new URL(origin).hostname));
  return [...new Set([...own, ...named].map(origin => new URL(origin).origin))];
}

/** The page's address, with the host that it is published on where its own, of this machine alone, leads nowhere. */
export function reachableAddress(address: string, on: string): string {
  const { protocol, port, hostname } = new URL(address);
  const isThere = everyAddress.includes(on) || (hostname === 'localhost' && isLoopback(on));
  if (isThere || !isLoopback(hostname)) return address;
  return new URL(`${protocol}//${bracketed(on)}${port && `:${port}`}`).origin;
}

/** Whether only this machine reaches that address. */
export function isLoopback(host: string): boolean {
  return loopback.includes(bracketed(host)) || (isIPv4(host) && host.startsWith('127.'));
}

/** Whether a host is an address in numbers, or loopback's name: DNS rebinding cannot use it. */
export function isFixedAddress(host: string): boolean {
  return isLoopback(host) || isIPv4(host) || isIPv6(host.replace(/^\[(.*)\]$/, '$1'));
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];
const everyAddress = ['', '0.0.0.0', '::', '[::]', '*'];

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
