import { describe } from 'node:test';
import { withoutDocker } from '../testdata/docker-engine.ts';
import { ContainerServer } from './testdata/container-server.ts';
import { outagesSuite } from './testdata/outages-suite.ts';

describe('with a Postgres in a container', { skip: withoutDocker() }, () =>
  outagesSuite(ContainerServer.start, [
    {
      name: 'is cut off from its network',
      begin: server => server.cutNetwork(),
      end: server => server.mendNetwork(),
      duration: 5,
      impossible: server => server.whyNoCut,
    },
  ]),
);
