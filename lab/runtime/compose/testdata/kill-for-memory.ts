/**
 * For Node in the container of a topology: takes memory until the kernel ends a process of the topology, which it is
 * told to prefer. The container needs a small memory limit.
 */
const FILL_MEMORY = `
const { existsSync, readdirSync, readFileSync, writeFileSync } = require('node:fs');
const isWorker = pid => {
  try {
    return readFileSync('/proc/' + pid + '/environ', 'latin1').includes('\\0LOADLINE_CONTROL_PORT=');
  } catch {
    return false;
  }
};
const victim = readdirSync('/proc').find(name => /^\\d+$/.test(name) && isWorker(name));
writeFileSync('/proc/' + victim + '/oom_score_adj', '1000');
const taken = [];
const take = () => {
  if (!existsSync('/proc/' + victim)) return process.exit();
  taken.push(Buffer.alloc(4 << 20, 1));
  setTimeout(take, 1);
};
take();
`;

/** The arguments of `docker` that have the kernel kill a process of the topology in this container for its memory. */
export function killForMemory(container: string): string[] {
  return ['exec', container, 'node', '-e', FILL_MEMORY];
}
