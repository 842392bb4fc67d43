import { connect } from 'node:net';

/** What a server sends back on one connection before it closes it, or is silent for a while after the last answer. */
export function sendRaw(port: number, bytes: string | Buffer, limitMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    let received = '';
    socket.setEncoding('latin1');
    socket.setTimeout(limitMs, () =>
      socket.destroy(new Error(`no end after ${limitMs} ms, but ${JSON.stringify(received)}`)),
    );
    socket.on('connect', () => socket.end(bytes));
    socket.on('data', text => {
      received += text;
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(received));
  });
}

/**
 * What comes back on one connection to a proxy, which takes a client's end for its going away: so the bytes are followed
 * by a last whole request, and only when nothing has come for a while does the client end its side.
 */
export function sendRawAndListen(port: number, bytes: Buffer, silenceMs = 1000, limitMs = 5000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    let received = '';
    const limit = setTimeout(() => fail(new Error(`no end after ${limitMs} ms, but ${received}`)), limitMs);
    const fail = (error: Error) => {
      clearTimeout(limit);
      socket.destroy();
      reject(error);
    };
    socket.setEncoding('latin1');
    socket.setTimeout(silenceMs, () => socket.end());
    socket.on('connect', () => socket.write(Buffer.concat([bytes, LAST_REQUEST])));
    socket.on('data', text => {
      received += text;
    });
    socket.on('error', fail);
    socket.on('end', () => {
      clearTimeout(limit);
      socket.destroy();
      resolve(received);
    });
  });
}

const LAST_REQUEST = Buffer.from('\r\n\r\nGET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');

/** An answer without what may differ from worker to worker and from moment to moment. */
export function comparable(answer: string): string {
  return answer.replaceAll(/^(date|x-worker|server-timing): .*\r\n/gim, '');
}
