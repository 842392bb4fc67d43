/** Every chart, in the order in which the page shows them. */
export const chartNames = [
  'load',
  'response-time',
  'in-progress',
  'workers',
  'cpus',
  'database-connections',
  'memory',
] as const;

/** A chart by its name, as the page's URL has it. */
export type ChartName = (typeof chartNames)[number];
