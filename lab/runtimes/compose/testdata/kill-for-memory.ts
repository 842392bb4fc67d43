import { ifRefused } from '../docker.ts';

/**
 * For Node in the container of a topology: takes memory until the kernel ends a process of the topology, which it is
 * told to prefer. The container needs a small memory limit.
 */
const FILL_MEMORY = `
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const isWorker = pid => {
  try {
    return readFileSync('/proc/' + pid + '/environ', 'latin1').includes('\\0LOADLINE_PROCESS=');
  } catch {
    return false;
  }
};
const victim = readdirSync('/proc').find(name => /^\\d+$/.test(name) && isWorker(name));
writeFileSync('/proc/' + victim + '/oom_score_adj', '1000');
// One that was killed stays there as a zombie until PM2 has heard of its end.
const lives = () => {
  try {
    return !/^State:\\s+[ZX]/m.test(readFileSync('/proc/' + victim + '/status', 'utf8'));
  } catch {
    return false;
  }
};
const taken = [];
const take = () => {
  if (!lives()) return process.exit();
  taken.push(Buffer.alloc(1 << 20, 1));
  setTimeout(take, 1);
};
take();
`;

/**
 * Has the kernel kill a process of the topology in this container for its memory. The kernel may kill the program that
 * takes the memory after it, before what is freed has arrived: so it may end as it likes.
 */
export async function killForMemory(
  run: (args: readonly string[]) => Promise<string>,
  container: string,
): Promise<void> {
  await run(['exec', container, 'node', '-e', FILL_MEMORY]).catch(ifRefused);
}
