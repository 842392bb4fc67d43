/** The dashboard's server: two listeners, for browsers and for k6, and what is told to the pages. */
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { hostCpus } from '../../lab/probe/machine.ts';
import { ConfigError } from '../../model/environment.ts';
import { findAddresses, socketWith } from '../../services/database/name-lookup.ts';
import { type DeploymentId, FRAME_EVERY } from '../protocol.ts';
import { removeAwayReason, writeAwayReason } from './away-reason.ts';
import { type Config, config, PageConfigError } from './config.ts';
import { createDirector } from './director.ts';
import { Feed } from './feed.ts';
import { putBack } from './first-state.ts';
import { openDesk } from './generator/desk-server.ts';
import { GeneratorDesk } from './generator/generator-desk.ts';
import { createInterventions, type StackInterventions } from './interventions.ts';
import { createObservation } from './observation/observation.ts';
import { Refusal } from './parts.ts';
import { ScaleWatch } from './scale-watch.ts';
import { createTour } from './tour/tour.ts';
import { createApp } from './web/app.ts';
import { Drivers } from './web/drivers.ts';
import { Guard } from './web/guard.ts';
import { UserSession } from './web/user-session.ts';

/** Seconds from the signal to stop to the end. */
const STOP_LIMIT = 0.9;
/** Seconds between two looks at how many containers each deployment has. */
const SCALE_EVERY = 5;
const PAGE = fileURLToPath(new URL('../page/dist', import.meta.url));

try {
  await run(config());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  process.stderr.write(`${error.message}\n`);
  const requestLog = process.env.LOADLINE_REQUEST_LOG;
  if (error instanceof PageConfigError && requestLog) writeAwayReason(requestLog, error);
  process.exit(2);
}

async function run(settings: Config): Promise<void> {
  const { stack, host, webPort, deskPort, pageAddress, known, pageToken, runs } = settings;
  const deployments = stack.deployments.map(({ id }) => id);
  const desk = new GeneratorDesk();
  const observation = createObservation(stack, desk, { say });
  const interventions = createInterventions(stack, () => socketWith(findAddresses));
  const cpus = hostCpus();
  const director = createDirector({ stack, generator: desk, interventions, cpus });
  const tour = createTour(director, observation, stack);
  const drivers = new Drivers();
  const scale = new ScaleWatch(stack, { say, start: known.setting.start });
  const feed = new Feed({
    stack,
    cpus,
    director,
    tour,
    drivers,
    observation,
    scale,
    onMark: ({ kind, id }) => {
      if (kind === 'worker-back' && id) interventions.workerBack(id).catch(tell);
    },
    onLook: id => void interventions.workerBack(id).catch(tell),
    onAbandoned: () => void putBack(director, tour, stack).catch(tell),
  });
  const session = pageToken === undefined ? undefined : new UserSession(pageToken);
  const app = createApp({
    guard: new Guard(known, session),
    ...(session !== undefined && { session }),
    director,
    tour,
    drivers,
    events: feed.events,
    totals: () => observation.totals(),
    ...(runs !== undefined && { runs }),
    page: PAGE,
    onError: tell,
  });

  // One that was cut off may have left anything as it was.
  giveBack(interventions, deployments, true);
  removeAwayReason(stack.requestLog);
  const opened = await openDesk(desk, { host, port: deskPort });
  await app.listen({ host, port: webPort });
  const timers = [
    setInterval(() => feed.frame(), FRAME_EVERY * 1000),
    setInterval(() => feed.second(), 1000),
    setInterval(() => void scale.look(), SCALE_EVERY * 1000),
  ];
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.stdout.write(`Loadline: ${pageAddress}\n`);

  async function stop(): Promise<void> {
    for (const timer of timers) clearInterval(timer);
    observation.close();
    interventions.close();
    feed.events.close();
    const { databaseConnections, databaseBackAt } = director.state;
    const limited = deployments.filter(id => id in databaseConnections);
    const given = giveBack(interventions, limited, databaseBackAt !== undefined);
    const closed = Promise.all([app.close(), opened.close(), given]);
    await Promise.race([closed, setTimeout(STOP_LIMIT * 1000)]);
    process.exit(0);
  }
}

/** Gives these their own connections, and everybody the database, if it is away; what cannot be done is told. */
async function giveBack(
  interventions: StackInterventions,
  deployments: readonly DeploymentId[],
  databaseIsAway: boolean,
): Promise<void> {
  const given = deployments.map(id => interventions.limitConnections(id, undefined));
  if (databaseIsAway) given.push(interventions.restore());
  for (const outcome of await Promise.allSettled(given)) if (outcome.status === 'rejected') tell(outcome.reason);
}

function tell(error: unknown): void {
  if (error instanceof Refusal) say(error.message);
  else say(error instanceof Error ? (error.stack ?? error.message) : String(error));
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
