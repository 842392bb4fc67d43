import { connect } from 'node:net';
import type { PerSecond, Seconds } from '../model/quantities.ts';

export interface ClosedLoad {
  readonly url: string;
  /** Of what is asked; its answer is a JSON object without others inside. */
  readonly path: string;
  /** Each with a connection, and with no time to think. */
  readonly users: number;
  readonly time: Seconds;
  readonly signal: AbortSignal;
}

const CLOSING_BRACE = '}'.charCodeAt(0);

/**
 * The throughput of a closed load. Its users are bare sockets, which take so little CPU beside what they ask that it is
 * not they who are the limit.
 */
export async function throughputOf({ url, path, users, time, signal }: ClosedLoad): Promise<PerSecond> {
  const { hostname, port, host } = new URL(url);
  const request = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
  const start = performance.now();
  const end = start + time * 1000;
  let answered = 0;
  const user = () =>
    new Promise<void>((resolve, reject) => {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true });
      let isNew = true;
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(`${url} closed a connection`)));
      socket.on('data', bytes => {
        if (isNew && !bytes.toString('latin1').startsWith('HTTP/1.1 200 ')) socket.destroy(new Error(String(bytes)));
        isNew = bytes.at(-1) === CLOSING_BRACE;
        if (!isNew) return;
        answered += 1;
        if (performance.now() < end && !signal.aborted) socket.write(request);
        else {
          resolve();
          socket.destroy();
        }
      });
      socket.write(request);
    });
  await Promise.all(Array.from({ length: users }, user));
  signal.throwIfAborted();
  return (answered / (performance.now() - start)) * 1000;
}
