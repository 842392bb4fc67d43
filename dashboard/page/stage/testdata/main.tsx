import { render } from 'preact';
import { deploymentOf, listWorkers } from '../../../../model/deployment.ts';
import { Stage } from '../stage.tsx';
import { SyntheticFeed } from './synthetic-feed.ts';

/**
 * The stage alone, with a simulated feed: `?topologies=sync,hybrid&arrivalRate=100&wait=0.02`. A topology may be there in
 * two sizes: `hybrid,hybrid:8` has another deployment with 8 database connections.
 */
const query = new URLSearchParams(location.search);
const number = (name: string, usual: number): number => Number(query.get(name) ?? usual);
const cpus = number('cpus', 2);
const deployments = (query.get('topologies') ?? 'sync,hybrid').split(',').map(each => {
  const [topology = '', connections = query.get('connections') ?? '40'] = each.split(':');
  const isFixed = deploymentOf(topology, cpus).spec.sizes.databaseConnections === 'per-slot';
  return deploymentOf(topology, cpus, isFixed ? {} : { databaseConnections: Number(connections) });
});
const feed = new SyntheticFeed({
  ...{ deployments, cpus, arrivalRate: number('arrivalRate', 100), users: number('users', 0) },
  ...{ computing: number('computing', 0.0002), wait: number('wait', 0.021), burst: number('burst', 0) },
  ...{ requestsPerDot: number('requestsPerDot', 1), refused: number('refused', 0), measuring: query.has('measuring') },
});
feed.start();

const onWorker = (id: string, worker: string): void => {
  for (const deployment of deployments)
    feed.end(
      id,
      listWorkers(deployment).findIndex(({ name }) => name === worker),
    );
};
const frames: [dots: number, tookMs: number][] = [];
const onFrame = (dots: number, tookMs: number): void => void frames.push([dots, tookMs]);
/** For `bench/stage-frames.ts`: what was drawn since it was last asked for. */
Object.assign(globalThis, { takeFrames: () => frames.splice(0) });

const root = document.querySelector('#stage') ?? document.body;
render(<Stage feed={feed} state={feed.state} second={feed.second} onWorker={onWorker} onFrame={onFrame} />, root);
