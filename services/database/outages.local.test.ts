import { describe } from 'node:test';
import { outagesSuite } from './testdata/outages-suite.ts';
import { TestServer } from './testdata/server.ts';

describe('with a Postgres on this machine', () => outagesSuite(TestServer.start));
