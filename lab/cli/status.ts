import { join } from 'node:path';
import type { Command } from 'commander';
import { workersOf } from '../../services/deployment.ts';
import { recordOf, stackFolder, stacksIn } from '../runtime/local/stack-folder.ts';
import type { CommandContext } from './context.ts';
import { UP } from './up.ts';

/** `loadline status`: what `up` left running. */
export function register(program: Command, context: CommandContext): void {
  program
    .command('status')
    .description('what runs, and where it answers')
    .option('--json', 'for machines')
    .action(async ({ json }: { json?: boolean }) => {
      const record = await recordOf(await stackFolder(join(stacksIn(context.root), UP)));
      const topologies = (record?.placements ?? []).map(({ deployment, port }) => ({
        topology: deployment.topology,
        url: `http://127.0.0.1:${port}`,
        workers: workersOf(deployment).length,
        processes: deployment.processes,
        databaseConnections: deployment.databaseConnections,
      }));
      if (json) return context.print(JSON.stringify({ topologies }, null, 2));
      if (record === undefined) return context.say('Nothing is up. Start it with: ./loadline up');
      for (const { topology, url, workers, processes, databaseConnections } of topologies) {
        const parts = [
          plural(processes, 'process'),
          plural(workers, 'worker'),
          plural(databaseConnections, 'database connection'),
        ];
        context.print(`${topology.padEnd(14)}${url}  ${parts.join(', ')}`);
      }
    });
}

function plural(many: number, word: string): string {
  if (many === 1) return `1 ${word}`;
  return `${many} ${word}${word.endsWith('s') ? 'es' : 's'}`;
}
