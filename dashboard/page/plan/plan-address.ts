import { numberIn } from '../view-state.ts';
import type { PlanInputs } from './inputs.ts';
import { numberNames } from './number-limits.ts';

/** The query under which the page shows the same again: `?plan=2026-11-27T090515-quick&workload=wait&arrivalRate=500`. */
export function planQueryOf(run: string, inputs: PlanInputs): string {
  const { workload, generator, topologies, extrapolate } = inputs;
  const fields: (readonly [name: string, value: string | number])[] = [
    ['plan', encodeURIComponent(run)],
    ['workload', encodeURIComponent(workload)],
    ...numberNames.flatMap(name => {
      const value = inputs[name];
      return value === undefined ? [] : [[name, value] as const];
    }),
    ...(generator === 'elsewhere' ? [['generator', generator] as const] : []),
    ...(topologies === undefined ? [] : [['topologies', topologies.map(encodeURIComponent).join(',')] as const]),
    ...(extrapolate ? [['extrapolate', 'yes'] as const] : []),
  ];
  return `?${fields.map(([name, value]) => `${name}=${value}`).join('&')}`;
}

/** What a query asks of the page; what it leaves out, or says in a way that is not understood, is left out. */
export function planIn(query: string): { readonly run?: string; readonly asked: Partial<PlanInputs> } {
  const fields = new URLSearchParams(query);
  const run = fields.get('plan') ?? '';
  const workload = fields.get('workload');
  const topologies = fields.get('topologies')?.split(',');
  const numbers = numberNames.flatMap(name => {
    const value = numberIn(fields, name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...(run !== '' && { run }),
    asked: {
      ...(workload !== null && { workload }),
      ...Object.fromEntries(numbers),
      ...(fields.get('generator') === 'elsewhere' && { generator: 'elsewhere' }),
      ...(topologies !== undefined && { topologies }),
      ...(fields.get('extrapolate') === 'yes' && { extrapolate: true }),
    },
  };
}
