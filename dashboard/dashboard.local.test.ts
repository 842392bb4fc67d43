/** The page in Chromium, on the stack of `./loadline up`. */

import { startStackWithDashboard } from '../lab/runtime/local/testdata/temporary-stack.ts';
import { availableCpus } from '../services/cpus.ts';
import { deploymentOf } from '../services/deployment.ts';
import { topologyNames } from '../services/topologies.ts';
import { withoutBrowser } from './testdata/browser.ts';
import { dashboardSuite } from './testdata/dashboard-suite.ts';

dashboardSuite('the dashboard of a local stack', withoutBrowser, async () => {
  const stack = await startStackWithDashboard(topologyNames.map(name => deploymentOf(name, availableCpus())));
  return { url: stack.page, restartServer: () => stack.restartDashboard(), close: () => stack.stop() };
});
