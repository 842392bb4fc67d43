import { join } from 'node:path';
import { describe } from 'node:test';
import { loadsSuite } from '../testdata/loads-suite.ts';
import { LocalRuntime } from './runtime.ts';

const root = join(import.meta.dirname, '../../..');

describe('loads on the local runtime', () => loadsSuite(async () => new LocalRuntime({ root, say: () => undefined })));
