/** Where the page can be reached. */
export interface Published {
  /** The origin of its address: `http://127.0.0.1:8080`. */
  readonly address: string;
  /** The address of this machine that it is published on. */
  readonly on: string;
  /** Further names or origins under which browsers may ask for it, with their ports where these are not the usual ones. */
  readonly hosts: readonly string[];
  /** The dashboard's own port: its health is asked for there. */
  readonly webPort: number;
}

/** Every origin under which a browser may ask for the page; of a machine's own address all of its names. */
export function pageOrigins({ address, on, hosts, webPort }: Published): string[] {
  const { protocol, port, hostname } = new URL(address);
  const beside = (host: string) => `${protocol}//${host}${port && `:${port}`}`;
  const origins = [
    address,
    ...(isLoopback(hostname) ? loopback.map(beside) : []),
    ...(everyAddress.includes(on) ? [] : [beside(bracketed(on))]),
    ...hosts.map(host => (host.includes('://') ? host : `${protocol}//${host}`)),
    ...loopback.map(host => `http://${host}:${webPort}`),
  ];
  return [...new Set(origins.map(origin => new URL(origin).origin))];
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
  return loopback.includes(bracketed(host)) || /^127(\.\d{1,3}){3}$/.test(host);
}

const loopback = ['127.0.0.1', 'localhost', '[::1]'];
const everyAddress = ['', '0.0.0.0', '::', '[::]', '*'];

function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}
