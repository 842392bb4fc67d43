/** The dashboard's server: one port for browsers, one for k6. */
import { rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hostCpus } from '../../lab/probe/machine.ts';
import { ConfigError } from '../../model/environment.ts';
import { REASON_FILE } from '../../nginx/page.ts';
import { findAddresses, socketWith } from '../../services/database/name-lookup.ts';
import { FRAME_EVERY } from '../protocol.ts';
import { type DashboardConfig, PageConfigError, parseConfig } from './config.ts';
import { StackDirector } from './director.ts';
import { createDeskServer, GeneratorDesk } from './generator-desk.ts';
import { StackInterventions } from './interventions.ts';
import { StackObservation } from './observation/observation.ts';
import { PageFeed } from './page-feed.ts';
import { problemPage, Refusal } from './refusal.ts';
import { ScaleWatch } from './scale-watch.ts';
import { createTour } from './tour/tour.ts';
import { Guard } from './web/guard.ts';
import { createPageServer } from './web/page-server.ts';

/** Seconds from the signal to stop to the end. */
const STOP_LIMIT = 0.9;
/** Seconds between two looks at the containers of each service. */
const SCALE_EVERY = 5;
const PAGE = fileURLToPath(new URL('../page/dist', import.meta.url));

try {
  await run(parseConfig(process.env));
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  say(error.message);
  const requestLog = process.env.LOADLINE_REQUEST_LOG;
  if (error instanceof PageConfigError && requestLog) writeReason(requestLog, error);
  process.exit(2);
}

async function run({
  stack,
  host,
  webPort,
  deskPort,
  pageAddress,
  known,
  pageToken,
  runs,
}: DashboardConfig): Promise<void> {
  const { deployments, requestLog } = stack;
  const clock = () => Date.now() / 1000;
  const cpus = hostCpus();
  const desk = new GeneratorDesk(clock);
  const observation = new StackObservation(stack, desk, { say, clock });
  const interventions = new StackInterventions(stack, () => socketWith(findAddresses));
  const director = new StackDirector({ deployments, generator: desk, interventions, cpus, clock });
  const tour = createTour(director, observation, stack);
  const scale = new ScaleWatch(deployments, { say, start: known.start });
  const feed = new PageFeed({
    ...{ deployments, cpus, director, tour, observation, scale, clock },
    onMark: ({ kind, id }) => {
      if (kind === 'worker-back' && id) interventions.repeatLimit(id).catch(report);
    },
    onLook: id => void interventions.repeatLimit(id).catch(report),
    onAbandoned: () => void reset().catch(report),
  });
  const app = createPageServer({
    ...{ director, tour, events: feed.events, page: PAGE, onError: report },
    guard: new Guard(known, pageToken),
    totals: () => observation.totals(),
    ...(runs !== undefined && { runs }),
  });
  const deskServer = createDeskServer(desk);

  // An earlier dashboard may have been killed.
  for (const { id } of deployments) interventions.limitConnections(id).catch(report);
  interventions.restoreDatabase().catch(report);
  rmSync(reasonFile(requestLog), { force: true });
  await deskServer.listen({ host, port: deskPort });
  await app.listen({ host, port: webPort });
  const timers = [
    setInterval(() => feed.frame(), FRAME_EVERY * 1000),
    setInterval(() => feed.second(), 1000),
    setInterval(() => void scale.look(), SCALE_EVERY * 1000),
  ];
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`Loadline: ${pageAddress}\n`);

  async function reset(): Promise<void> {
    try {
      await tour.leave();
    } finally {
      await director.reset();
    }
  }

  async function stop(): Promise<void> {
    for (const timer of timers) clearInterval(timer);
    observation.close();
    interventions.close();
    feed.events.close();
    const { databaseConnections, databaseBackAt } = director.state;
    const ending: Promise<unknown>[] = [app.close(), deskServer.close()];
    for (const id of Object.keys(databaseConnections)) ending.push(interventions.limitConnections(id).catch(report));
    if (databaseBackAt !== undefined) ending.push(interventions.restoreDatabase().catch(report));
    await Promise.race([Promise.all(ending), setTimeout(STOP_LIMIT * 1000)]);
    process.exit(0);
  }
}

/** Writes the page that nginx shows in place of a dashboard that did not start. */
function writeReason(requestLog: string, { detail, command }: PageConfigError): void {
  const again = '\n<p>This page asks for it again by itself.</p>';
  writeFileSync(reasonFile(requestLog), problemPage('The dashboard did not start', detail, { command }, again));
}

function reasonFile(requestLog: string): string {
  return join(dirname(requestLog), REASON_FILE);
}

function report(error: unknown): void {
  if (error instanceof Refusal) say(error.message);
  else say(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
