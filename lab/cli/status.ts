import type { Command } from 'commander';
import { deriveParallelism } from '../../model/parallelism.ts';
import { counted } from '../../model/quantities.ts';
import { processesOf, recordOf, stackFolder } from '../runtimes/local/stack-folder.ts';
import type { CommandContext } from './context.ts';
import { UP } from './up.ts';

const NAME_WIDTH = 14;

/** `loadline status`: what `up` left running. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('what runs, and where it answers')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: boolean }) => {
      const folder = await stackFolder(context.root, UP);
      const record = await recordOf(folder);
      const topologies = (record?.plan.deployments ?? []).map(({ deployment, publishedPort }) => ({
        topology: deployment.topology,
        url: `http://127.0.0.1:${publishedPort}`,
        workers: deriveParallelism(deployment).workers,
        processes: deployment.processes,
        databaseConnections: deployment.databaseConnections,
      }));
      const page = record?.page;
      if (json) return context.print(JSON.stringify({ topologies, page }, null, 2));
      if (record === undefined) {
        const part = Object.values(processesOf(folder)).some(processes => processes.length > 0);
        return context.say(`${part ? 'Only a part of the stack runs' : 'Nothing is up'}. Start it with: ./loadline up`);
      }
      for (const { topology, url, workers, processes, databaseConnections } of topologies) {
        const parts = [
          counted(processes, 'process', 'processes'),
          counted(workers, 'worker'),
          counted(databaseConnections, 'database connection'),
        ];
        context.print(`${topology.padEnd(NAME_WIDTH)}${url}  ${parts.join(', ')}`);
      }
      if (page !== undefined) context.print(`${'page'.padEnd(NAME_WIDTH)}${page}`);
    });
}
