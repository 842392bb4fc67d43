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

/** An answer without what may differ from worker to worker and from moment to moment. */
export function comparable(answer: string): string {
  return answer.replaceAll(/^(date|x-worker|server-timing): .*\r\n/gim, '');
}
