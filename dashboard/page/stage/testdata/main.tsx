import { render } from 'preact';
import { type TopologyName, topologyNames } from '../../../../model/topology.ts';
import { Stage } from '../stage.tsx';
import { SyntheticFeed } from './synthetic-feed.ts';

/** The stage alone, with a feed that is simulated: `?topologies=sync,hybrid&arrivalRate=100&wait=0.02`. */
const query = new URLSearchParams(location.search);
const number = (name: string, usual: number): number => Number(query.get(name) ?? usual);
const topologies = topologyNames.filter(name => (query.get('topologies') ?? 'sync,hybrid').split(',').includes(name));

const feed = new SyntheticFeed({
  topologies,
  cpus: number('cpus', 2),
  arrivalRate: number('arrivalRate', 100),
  users: number('users', 0),
  work: { computing: number('computing', 0.0002), databaseWait: number('wait', 0.021) },
  threads: number('threads', 8),
  databaseConnections: number('connections', 40),
  requestsPerDot: number('requestsPerDot', 1),
  burst: number('burst', 0),
  refused: number('refused', 0),
  ends: query.has('ends'),
  measuring: query.has('measuring'),
});
feed.start();

const onWorker = (topology: TopologyName, worker: string): void => {
  const [process] = worker.slice(topology.length + 1).split('.');
  feed.end(topology, Number(process) - 1);
};
const frames: [dots: number, tookMs: number][] = [];
const onFrame = (dots: number, tookMs: number): void => {
  frames.push([dots, tookMs]);
};
/** For `bench/stage-frames.ts`: what was drawn since it asked before. */
Object.assign(globalThis, { takeFrames: () => frames.splice(0) });

const root = document.querySelector('#stage');
if (root !== null) {
  render(<Stage feed={feed} state={feed.state} second={feed.second} onWorker={onWorker} onFrame={onFrame} />, root);
}
