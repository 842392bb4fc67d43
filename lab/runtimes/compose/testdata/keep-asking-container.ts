import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { type TopologyName, topologyOf } from '../../../../model/topology.ts';
import { endGroup } from '../../child-process.ts';
import { spawnDocker } from '../docker.ts';
import { nameImage } from '../project.ts';
import type { OwnProject } from './own-project.ts';

/** What became of the requests; see keep-asking.ts. */
export interface Outcome {
  /** For each topology. */
  readonly answered: readonly number[];
  readonly refused: number;
  readonly lost: readonly string[];
  readonly statuses: Readonly<Record<string, number>>;
}

/** A client in nginx's network, at work. */
export interface KeepAsking extends AsyncDisposable {
  readonly ended: boolean;
  readonly outcome: Promise<Outcome>;
  /** Returns when it has been answered so often, by all topologies together. */
  hasBeenAnswered(times: number): Promise<void>;
}

export interface Asked {
  readonly topologies: readonly TopologyName[];
  /** To each of them, as everything here. */
  readonly requests: number;
  readonly connections: number;
  readonly gapMs?: number;
}

const program = readFileSync(new URL('keep-asking.ts', import.meta.url), 'utf8');

/** Starts a client in the network of a project's nginx, and returns when it has had its first answer. */
export async function startKeepAsking(project: OwnProject, asked: Asked): Promise<KeepAsking> {
  const child = spawnDocker(argumentsFor(project, asked));
  child.stdin.end();
  let [ended, answers] = [false, 0];
  const counted = createInterface({ input: child.stderr }).on('line', line => (answers = Number(line)));
  const outcome = Promise.all([text(child.stdout), once(child, 'close')]).then(([written]) => {
    ended = true;
    return JSON.parse(written) as Outcome;
  });
  const early = outcome.then(() => Promise.reject(new Error(`the load ended after ${answers} answers`)));
  early.catch(() => undefined);
  const hasBeenAnswered = async (times: number) => {
    while (answers < times) await Promise.race([once(counted, 'line'), early]);
  };
  await hasBeenAnswered(1);
  return {
    outcome,
    hasBeenAnswered,
    get ended() {
      return ended;
    },
    [Symbol.asyncDispose]: () => endGroup(child),
  };
}

/** It is a container of the project like the others, so that it goes with them. */
function argumentsFor({ name, labels }: OwnProject, { topologies, requests, connections, gapMs = 0 }: Asked): string[] {
  const all = { ...labels, 'com.docker.compose.project': name };
  const urls = topologies.map(topology => `http://127.0.0.1:${topologyOf(topology).port}`);
  return [
    ...['run', '--rm', '--init', '--network', `container:${name}-nginx-1`],
    ...Object.entries(all).flatMap(([label, value]) => ['--label', `${label}=${value}`]),
    ...[nameImage(name), 'node', '--input-type=module-typescript', '--eval', program],
    ...[urls.join(), requests, connections, gapMs].map(String),
  ];
}
