import { BurstControl } from './burst-control.tsx';
import { LoadControl } from './load-control.tsx';
import { OBSTACLE, Obstacle } from './obstacle.tsx';
import { TopologiesControl } from './topologies-control.tsx';
import { WorkloadControl } from './workload-control.tsx';

/** What is asked of which deployments. */
export function Controls() {
  return (
    <section class="controls" aria-label="Controls">
      <Obstacle id={OBSTACLE} />
      <LoadControl />
      <TopologiesControl />
      <div class="column">
        <BurstControl />
        <WorkloadControl />
      </div>
    </section>
  );
}
