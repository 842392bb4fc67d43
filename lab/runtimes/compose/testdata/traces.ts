import { docker, splitLines } from '../docker.ts';
import { PROCESS_LABEL } from '../leftovers.ts';

/** The names of all containers, networks and volumes of stacks that the process `pid` has started. */
export async function listTraces(pid: number): Promise<string[]> {
  const owned = ['--filter', `label=${PROCESS_LABEL}=${pid}`];
  const lists = [
    ['ps', '--all', '--format', '{{.Names}}'],
    ['network', 'ls', '--format', '{{.Name}}'],
    ['volume', 'ls', '--format', '{{.Name}}'],
  ];
  const answers = await Promise.all(lists.map(list => docker([...list, ...owned])));
  return answers.flatMap(splitLines).sort();
}

/** The names of the containers in which stacks of the process `pid` have k6. */
export async function listGenerators(pid: number): Promise<string[]> {
  const filters = [`label=${PROCESS_LABEL}=${pid}`, 'label=com.docker.compose.service=k6'];
  const filtered = filters.flatMap(filter => ['--filter', filter]);
  return splitLines(await docker(['ps', '--all', '--format', '{{.Names}}', ...filtered]));
}
