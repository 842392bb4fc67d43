import type { Command } from 'commander';
import { deploymentLabel } from '../../model/deployment.ts';
import { deriveParallelism } from '../../model/parallelism.ts';
import { counted } from '../../model/quantities.ts';
import { listStackProcesses, readRecord, stackFolder } from '../runtimes/local/stack-folder.ts';
import type { CommandContext } from './context.ts';
import { UP } from './up.ts';

/** `loadline status`: what `up` left running. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('what is running, and its addresses')
    .option('--json', 'print JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const folder = await stackFolder(context.root, UP);
      const record = await readRecord(folder);
      const planned = record?.plan.deployments ?? [];
      const all = planned.map(({ deployment }) => deployment);
      const topologies = planned.map(({ id, deployment, publishedPort }) => ({
        id,
        topology: deployment.topology,
        url: `http://127.0.0.1:${publishedPort}`,
        workers: deriveParallelism(deployment).workers,
        processes: deployment.processes,
        databaseConnections: deployment.databaseConnections,
      }));
      const page = record?.page;
      if (json) return context.print(JSON.stringify({ topologies, page }, null, 2));
      if (record === undefined) {
        const part = Object.values(listStackProcesses(folder)).some(processes => processes.length > 0);
        return context.say(
          `${part ? 'Only a part of the stack is running' : 'Nothing is running'}. Start it with: ./loadline up`,
        );
      }
      const labels = all.map(deployment => deploymentLabel(deployment, all));
      const width = Math.max(4, ...labels.map(label => label.length)) + 2;
      for (const [index, { url, workers, processes, databaseConnections }] of topologies.entries()) {
        const parts = [
          counted(processes, 'process', 'processes'),
          counted(workers, 'worker'),
          counted(databaseConnections, 'database connection'),
        ];
        context.print(`${labels[index]?.padEnd(width)}${url}  ${parts.join(', ')}`);
      }
      if (page !== undefined) context.print(`${'page'.padEnd(width)}${page}`);
    });
}
