import type { PlannedDeployment } from '../model/stack-plan.ts';
import { type TopologyName, topologyOf } from '../model/topology.ts';
import { plainPage } from './plain-page.ts';

/** Beside the dashboard's log: the page that a dashboard writes which cannot start, to say why. */
export const REASON_FILE = 'reason.html';

/** What is there and what is not. */
export interface Listing {
  readonly present: readonly PlannedDeployment[];
  /** What tells why the dashboard is away; absent: there are no containers. */
  readonly logs?: string;
  readonly absent: readonly {
    readonly topology: TopologyName;
    /** The command that starts it beside what is there. */
    readonly start: string;
  }[];
}

/** The list of the topologies, for browsers; the same for the same listing. */
export function topologiesPage(listing: Listing): string {
  return page(listing, '<p>See them at work: <a href="/">the dashboard</a>.</p>');
}

/** The same in the dashboard's place. */
export function awayPage(listing: Listing): string {
  const { logs } = listing;
  const why = logs === undefined ? '' : ` If this lasts longer than half a minute, this says why: <code>${logs}</code>`;
  return page(
    listing,
    `<p role="status"><strong>The dashboard is starting, or away.</strong> This page asks for it again by itself.${why}</p>`,
  );
}

function page({ present, absent }: Listing, first: string): string {
  return plainPage({
    body: `<h1>Loadline</h1>
${first}
<p>One service, deployed in each of these ways behind one nginx and in front of one Postgres.
Ask any of them: the header <code>x-worker</code> tells who answered.</p>
${present.map(here).join('\n')}
${absent.map(missing).join('\n')}`,
  });
}

const examples = [
  { path: '/plain', means: 'no work at all' },
  { path: '/wait?ms=20', means: 'waits for the database' },
  { path: '/cpu?units=100', means: 'computes' },
  { path: '/items/7', means: 'reads one row' },
] as const;

function here({ deployment, publishedPort }: PlannedDeployment): string {
  const { topology, spec, processes, threadsPerProcess, databaseConnections } = deployment;
  const address = `http://127.0.0.1:${publishedPort}`;
  const links = examples.map(({ path, means }) => `<a href="${address}${path}" title="${means}">${path}</a>`);
  return `<section>
<h2>${topology} <small>${address}</small></h2>
<p>${sentence(spec.shows)}</p>
<p><b>${processes}</b> ${plural('process', 'processes', processes)} ×
<b>${threadsPerProcess}</b> ${plural('worker thread', 'worker threads', threadsPerProcess)},
<b>${databaseConnections}</b> ${plural('database connection', 'database connections', databaseConnections)}</p>
<nav>${links.join('\n')}</nav>
</section>`;
}

function missing({ topology, start }: Listing['absent'][number]): string {
  return `<section class="absent">
<h2>${topology} <small>not started</small></h2>
<p>${sentence(topologyOf(topology).shows)}</p>
<p>Beside what is there: <code>${start}</code></p>
</section>`;
}

function sentence(phrase: string): string {
  return `${phrase.charAt(0).toUpperCase()}${phrase.slice(1)}.`;
}

function plural(one: string, many: string, count: number): string {
  return count === 1 ? one : many;
}
