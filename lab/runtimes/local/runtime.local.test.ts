import { join } from 'node:path';
import { describe } from 'node:test';
import { runtimeSuite } from '../testdata/runtime-suite.ts';
import { LocalRuntime } from './runtime.ts';
import { listStackProcesses, stackFolder, stackNames } from './stack-folder.ts';

const root = join(import.meta.dirname, '../../..');

describe('the local runtime', () =>
  runtimeSuite(async () => ({
    runtime: new LocalRuntime({ root, say: () => undefined }),
    async traces() {
      const traces: string[] = [];
      for (const name of (await stackNames(root)).filter(one => one.startsWith('compare-'))) {
        const { length } = Object.values(listStackProcesses(await stackFolder(root, name))).flat();
        traces.push(`${name}: ${length} processes`);
      }
      return traces;
    },
    generators: async () => process.getActiveResourcesInfo().filter(resource => resource === 'ProcessWrap'),
  })));
