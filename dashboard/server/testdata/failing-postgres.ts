import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Says as much of Postgres's protocol as an outage needs: it takes the database away, and then it ends. */
export class FailingPostgres {
  /** Whether it rejects every connection. */
  isDown = false;
  /** How many were not let in. */
  refused = 0;
  /** How often the database was given back. */
  givenBack = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer(socket => this.#serve(socket));

  /** Its address, with a database in it. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `postgres://nobody@127.0.0.1:${(this.#server.address() as AddressInfo).port}/shop`;
  }

  /** Ends all sessions, as at a crash. */
  crash(): void {
    this.isDown = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.crash();
    this.#server.close();
  }

  #serve(socket: Socket): void {
    socket.on('error', () => {});
    if (this.isDown) {
      this.refused += 1;
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.once('data', () => {
      socket.write(Buffer.concat([message('R', [0, 0, 0, 0]), ready]));
      socket.on('data', received => socket.write(this.#answer(received)));
    });
  }

  #answer(received: Buffer): Buffer {
    const text = received.toString('latin1');
    // It says that the database is away, and goes on with it.
    if (text.includes('ALLOW_CONNECTIONS false')) return message('N', [...Buffer.from('SNOTICE\0C00000\0Maway\0'), 0]);
    if (text.startsWith('Q')) {
      this.givenBack += 1;
      return Buffer.concat([done, ready]);
    }
    // A statement with parameters, whose last message is a sync.
    if (text.includes('S\0\0\0\x04')) return Buffer.concat([message('1'), message('2'), message('n'), done, ready]);
    return Buffer.alloc(0);
  }
}

function message(kind: string, body: readonly number[] = []): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(kind), length, Buffer.from(body)]);
}

const ready = message('Z', [...Buffer.from('I')]);
const done = message('C', [...Buffer.from('DO\0')]);
