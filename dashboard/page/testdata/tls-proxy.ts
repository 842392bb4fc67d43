import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { findNginx } from '../../../lab/runtimes/local/nginx.ts';
import { claimPorts } from '../../../lab/runtimes/local/ports.ts';

const run = promisify(execFile);
const READY_LIMIT_MS = 5000;

/** What a proxy of the user's asks for, and as what. */
export interface Proxied {
  /** `http://127.0.0.1:8080` */
  readonly page: string;
  /** The name that browsers know it by. */
  readonly name: string;
  /** The directives of its `location`. */
  readonly location: string;
}

/** An nginx with TLS, by a certificate of its own, in front of the page. */
export class TlsProxy implements AsyncDisposable {
  /** Where browsers find it: `https://b.example:8443`. */
  readonly origin: string;
  readonly #held: AsyncDisposableStack;

  static async start({ page, name, location }: Proxied): Promise<TlsProxy> {
    await using held = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'loadline-tls-'));
    held.defer(() => rm(folder, { recursive: true, force: true }));
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
    const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      certificate,
      ...subject,
    ]);
    const program = await findNginx();
    if (program === undefined) throw new Error('nginx is needed for this test');
    const claim = await claimPorts(1);
    held.use(claim);
    const [port = 0] = claim.ports;
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
    const configuration = `
      daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; worker_processes 1;
      events {}
      http {
        access_log off;
        ${temporary.map(kind => `${kind}_temp_path ${folder}/${kind};`).join(' ')}
        upstream loadline { server ${new URL(page).host}; }
        server {
          listen 127.0.0.1:${port} ssl;
          ssl_certificate ${certificate}; ssl_certificate_key ${key};
          location / { ${location} }
        }
      }`;
    await writeFile(join(folder, 'nginx.conf'), configuration);
    const child = spawn(program.path, ['-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')], {
      stdio: 'ignore',
    });
    held.defer(async () => {
      child.kill('SIGTERM');
      if (child.exitCode === null) await once(child, 'exit');
    });
    await untilListening(port);
    return new TlsProxy(`https://${name}:${port}`, held.move());
  }

  private constructor(origin: string, held: AsyncDisposableStack) {
    this.origin = origin;
    this.#held = held;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#held.disposeAsync();
  }
}

async function untilListening(port: number): Promise<void> {
  const limit = performance.now() + READY_LIMIT_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const listens = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (listens) return;
    if (performance.now() > limit) throw new Error(`nothing listens on port ${port}`);
  }
}
