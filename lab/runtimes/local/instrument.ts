import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { deploymentOf } from '../../../model/deployment.ts';
import { planOneProcess } from '../../../model/stack-plan.ts';
import type { Topology } from '../../../model/topology.ts';
import { availableCpus } from '../../../services/cpus.ts';
import { type Instrument, startStampingServer } from '../../calibration/instrument.ts';
import { readCpuTime } from '../../probe/processes.ts';
import { inheritedEnvironment } from '../child-process.ts';
import { findK6, localK6 } from './k6.ts';
import { startNginx } from './nginx.ts';
import { provideNginx } from './nginx-download.ts';
import { claimPorts } from './ports.ts';
import { lockStack, stackFolder, stopAll, TEMPORARY } from './stack-folder.ts';

interface InstrumentOptions {
  /** The checkout. */
  readonly root: string;
  /** Of the delays that the server draws. */
  readonly seed: number;
  readonly signal: AbortSignal;
  readonly say: (line: string) => void;
}

/** What nginx is put in front of: one process that serves any number of requests at once. */
const bareServer: Topology = {
  ...{ name: 'bare-server', shows: 'a server that knows its own delay', app: 'stamping-server', port: 8000 },
  ...{ listen: 'process', concurrencyLimit: 'none', cpusPerProcess: 1, keepAlive: true, sizes: {} },
};

/** The k6 and the nginx of this machine, as trials have them, with a server behind them that knows its own delay. */
export async function startInstrument(options: InstrumentOptions): Promise<Instrument> {
  const { root, seed, signal } = options;
  const k6Path = await findK6(options);
  const program = await provideNginx(options);
  // Among the stacks, so that what a killed command leaves is found.
  const folder = await stackFolder(root, `${TEMPORARY}${randomUUID().slice(0, 8)}`);
  await mkdir(folder.path, { recursive: true });
  await using cleanUp = new AsyncDisposableStack();
  const lock = await lockStack(folder);
  if (lock) cleanUp.use(lock);
  cleanUp.defer(() => rm(folder.path, { recursive: true, force: true }));
  cleanUp.defer(() => stopAll(folder, AbortSignal.abort()));
  const server = cleanUp.use(await startStampingServer(seed, inheritedEnvironment(), signal));
  await using claim = await claimPorts(2, signal);
  const [port = 0, statusPort = 0] = claim.ports;
  const nginx = await startNginx(program, {
    ...{ folder: folder.nginx, statusPort, workerProcesses: availableCpus(), measuring: true, accessLog: false },
    deployments: [planOneProcess(deploymentOf(bareServer, 1), port, server.port)],
  });
  signal.throwIfAborted();
  let k6: readonly number[] = [];
  const started = cleanUp.move();
  return {
    targets: { bare: `http://127.0.0.1:${server.port}`, nginx: `http://127.0.0.1:${port}` },
    launch: localK6(k6Path, pid => {
      k6 = [pid];
    }),
    server,
    cpu: () => ({ k6: readCpuTime(k6), nginx: readCpuTime([nginx.pid]) }),
    [Symbol.asyncDispose]: () => started.disposeAsync(),
  };
}
