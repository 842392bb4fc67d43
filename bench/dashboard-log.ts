/**
 * What it costs the dashboard to read nginx's log: CPU time of this process per line, from the file to the counts of a
 * deployment, and the part of a core that 4,000 lines a second take. The lines come as nginx writes them, 400 at a time.
 * `node bench/dashboard-log.ts [LINES]`
 */
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dots } from '../dashboard/server/observation/dots.ts';
import { GeneratorCounts } from '../dashboard/server/observation/generator-counts.ts';
import { ObservedDeployment } from '../dashboard/server/observation/observed-deployment.ts';
import { parseLoggedRequest, RequestLog } from '../dashboard/server/observation/request-log.ts';
import { deploymentOf, listWorkers } from '../model/deployment.ts';

const LINES = Number(process.argv[2] ?? 400_000);
const LINES_PER_WRITE = 400;
const LINES_PER_SECOND = 4000;
const REQUESTS_PER_DOT = 20;
/** Of one core. */
const BAR = 0.02;

const deployment = deploymentOf('hybrid', 2);
const workers = listWorkers(deployment).map(({ name }) => name);
const observed = new ObservedDeployment(
  { id: 'hybrid', deployment, target: 'http://127.0.0.1:8085', nginxPort: 8085, controls: [] },
  { onMark: () => undefined, hostCpus: 2, machine: () => ({ busy: 0, total: 0, steal: 0 }), clock: () => 0 },
);
const window = observed.open(() => undefined);
const dots = new Dots();
const totals = new GeneratorCounts();

const folder = mkdtempSync(join(tmpdir(), 'loadline-bench-'));
try {
  const path = join(folder, 'live.log');
  writeFileSync(path, '');
  const log = new RequestLog(path, { onLine: take, say: line => void process.stderr.write(`${line}\n`) });
  log.look();
  let seconds = 0;
  for (let line = 0; line < LINES; line += LINES_PER_WRITE) {
    appendFileSync(path, linesFrom(line));
    const before = process.cpuUsage();
    log.look();
    const { user, system } = process.cpuUsage(before);
    seconds += (user + system) / 1e6;
    if (line % LINES_PER_SECOND === 0) observed.second(0, line / LINES_PER_SECOND);
    dots.take(line / LINES_PER_SECOND);
  }
  log.close();
  const read = window.read().nginx.completed;
  if (read !== LINES) throw new Error(`${read} of ${LINES} lines were counted`);
  const share = (seconds / LINES) * LINES_PER_SECOND;
  process.stdout.write(
    `${LINES} lines: ${((seconds / LINES) * 1e6).toFixed(2)} µs a line; ` +
      `${LINES_PER_SECOND} lines a second take ${(share * 100).toFixed(2)} % of a core, ` +
      `at most ${BAR * 100} %: ${share <= BAR ? 'holds' : 'missed'}\n`,
  );
  if (share > BAR) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

/** As the observation does with each line. */
function take(line: string): void {
  const request = parseLoggedRequest(line);
  if (request === undefined) return;
  observed.addRequest(request);
  totals.answered('hybrid', request.endedAt);
  if (request.dot === undefined) return;
  dots.sent('hybrid', request.dot, request.endedAt - request.responseTime, request.endedAt);
  dots.logged(request.dot, { ...request, worker: observed.workerIndex(request.worker) }, request.endedAt);
}

function linesFrom(first: number): string {
  let text = '';
  for (let line = first; line < first + LINES_PER_WRITE; line++) {
    const endedAt = (1_764_234_567 + line / LINES_PER_SECOND).toFixed(3);
    const dot = line % REQUESTS_PER_DOT === 0 ? line + 1 : '-';
    const database = 20 + (line % 97) / 100;
    const worker = workers[line % workers.length];
    text +=
      `${endedAt}\t8085\t200\t0.0${21 + (line % 70)}\t${dot}\t${worker}` +
      `\tdb;dur=${database.toFixed(3)}, app;dur=${(database + 1.2).toFixed(3)}\n`;
  }
  return text;
}
