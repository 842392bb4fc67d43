import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LoadlineError } from '../../model/errors.ts';
import { checkStackVariables } from './stack-variables.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What is said, or the message of the refusal. */
function check(runtime: 'compose' | 'local' | 'simulated', environment: Record<string, string>): string[] {
  const said: string[] = [];
  try {
    checkStackVariables(root, runtime, line => said.push(line), environment);
    return said;
  } catch (error) {
    assert.ok(error instanceof LoadlineError && error.code === 'usage');
    return ['refused', ...error.message.split('\n').map(line => line.split(' ')[0] ?? '')];
  }
}

const cases: [
  what: string,
  runtime: 'compose' | 'local' | 'simulated',
  set: Record<string, string>,
  outcome: RegExp,
][] = [
  ['nothing is said of what is not set', 'compose', { PATH: '/bin', PROCESSES: '' }, /^$/],
  ['a default says nothing', 'compose', { WORKERS_MEMORY: '2g', OPEN_FILES: '20000' }, /^$/],
  [
    'containers obey limits',
    'compose',
    { WORKERS_CPUS: '1', NGINX_CPUSET: '0' },
    /^Obeyed: (?=.*WORKERS_CPUS=1)(?=.*NGINX_CPUSET=0)/,
  ],
  ['processes of this machine refuse them', 'local', { WORKERS_CPUS: '1' }, /^refused,WORKERS_CPUS$/],
  [
    'sizes are refused, all of them at once',
    'compose',
    { PROCESSES: '4', THREADS: '2' },
    /^refused,PROCESSES,THREADS$/,
  ],
  ['so are topologies', 'local', { COMPOSE_PROFILES: 'hybrid' }, /^refused,COMPOSE_PROFILES$/],
  ['a simulation refuses both', 'simulated', { PROCESSES: '4', WORKERS_CPUS: '1' }, /^refused,PROCESSES,WORKERS_CPUS$/],
  ['ports are named as unused', 'compose', { PORT_PAGE: '9000' }, /^Not used by a comparison: PORT_PAGE\.$/],
];
for (const [what, runtime, set, outcome] of cases) {
  test(`variables before a comparison: ${what}`, () => assert.match(check(runtime, set).join(), outcome));
}
