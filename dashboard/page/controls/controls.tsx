import { BurstControl } from './burst-control.tsx';
import { DeploymentsControl } from './deployments-control.tsx';
import { LoadControl } from './load-control.tsx';
import { OBSTACLE, Obstacle } from './obstacle.tsx';
import { WorkloadControl } from './workload-control.tsx';

/** What is asked of which deployments. */
export function Controls() {
  return (
    <section class="controls" aria-label="Controls">
      <Obstacle id={OBSTACLE} />
      <LoadControl />
      <DeploymentsControl />
      <div class="column">
        <BurstControl />
        <WorkloadControl />
      </div>
    </section>
  );
}
