import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { type TopologyName, topologyOf } from '../../../../services/topologies.ts';
import { spawnDocker } from '../docker.ts';

/** What became of the requests; see keep-asking.ts. */
export interface Outcome {
  readonly answered: number;
  readonly refused: number;
  readonly lost: readonly string[];
  readonly statuses: Readonly<Record<string, number>>;
}

/** A client in nginx's network, at work. */
export interface KeepAsking extends AsyncDisposable {
  /** Resolves with its first answer. */
  readonly begun: Promise<void>;
  readonly ended: boolean;
  readonly outcome: Promise<Outcome>;
}

export interface Asked {
  readonly topology: TopologyName;
  readonly requests: number;
  readonly connections: number;
  readonly gapMs?: number;
}

const program = readFileSync(new URL('keep-asking.ts', import.meta.url), 'utf8');

/** Starts a client in the network of a project's nginx, and returns when it has had its first answer. */
export async function startKeepAsking(
  project: string,
  { topology, requests, connections, gapMs = 0 }: Asked,
): Promise<KeepAsking> {
  const network = `container:${project}-nginx-1`;
  const node = ['node', '--input-type=module-typescript', '--eval', program];
  const settings = [`http://127.0.0.1:${topologyOf(topology).port}`, requests, connections, gapMs].map(String);
  const child = spawnDocker(['run', '--rm', '--init', '--network', network, 'loadline', ...node, ...settings]);
  child.stdin.end();
  let ended = false;
  const begun = once(child.stderr, 'data').then(() => undefined);
  const outcome = Promise.all([text(child.stdout), once(child, 'close')]).then(([written]) => {
    ended = true;
    return JSON.parse(written) as Outcome;
  });
  await begun;
  return {
    begun,
    outcome,
    get ended() {
      return ended;
    },
    [Symbol.asyncDispose]: async () => {
      if (!ended) child.kill('SIGTERM');
      await outcome.catch(() => undefined);
    },
  };
}
