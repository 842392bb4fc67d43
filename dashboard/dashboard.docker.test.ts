/** The page in Chromium, on the stack of `docker compose up`. */
import { fileURLToPath } from 'node:url';
import { OwnProject } from '../lab/runtimes/compose/testdata/own-project.ts';
import { ReferenceProject } from '../lab/runtimes/compose/testdata/reference-project.ts';
import { claimPorts } from '../lab/runtimes/local/ports.ts';
import { stopWhenInterrupted } from '../lab/runtimes/local/testdata/interrupted-test.ts';
import { withoutDocker } from '../services/testdata/docker-engine.ts';
import { withoutBrowser } from './testdata/browser.ts';
import { dashboardSuite } from './testdata/dashboard-suite.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

const tour = process.env.LOADLINE_TEST_ALL ? false : 'only ./loadline test --all plays the tour in containers';

dashboardSuite(
  'the dashboard of the stack in containers',
  { suite: withoutDocker() || withoutBrowser, tour },
  async () => {
    const project = await OwnProject.make(stopWhenInterrupted);
    const ports = await claimPorts(1);
    project.keep(ports);
    const reference = await ReferenceProject.prepare(root, project, { PORT_PAGE: `${ports.ports[0]}` });
    await reference.build();
    await reference.compose('up', '--detach', '--wait');
    return {
      url: await reference.urlOf(8080),
      restartServer: async () => void (await reference.compose('restart', 'dashboard')),
      close: () => project.remove(),
    };
  },
);
