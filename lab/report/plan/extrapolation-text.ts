import { milliseconds, rounded } from '../../../model/quantities.ts';
import type { Extrapolation } from '../../plan/extrapolation.ts';

/** Something beyond what was measured, in a line: `8 CPUs, 4 times the 2 that were measured`. */
export function shownExtrapolation({ quantity, asked, measured, factor }: Extrapolation): string {
  if (!('least' in measured)) return `${asked}: of it nothing was measured, only ${measured.join(' and ')}`;
  const { number, unit } = shown[quantity];
  const show = (value: number) => `${number(value)}${value === 1 ? unit.replace(/([Ur])s$/, '$1') : unit}`;
  const { least, most } = measured;
  const value = Number(asked);
  const range = least === most || least === 0 ? show(most) : `${number(least)} to ${show(most)}`;
  if (most === 0) return `${phrases[quantity]} ${show(value)}, and none was measured`;
  const how = value > most ? `${times(factor)} the most that was measured` : `1/${rounded(factor)} of the least`;
  return `${phrases[quantity]} ${show(value)}, ${how} (${range})`;
}

function times(factor: number): string {
  return Number.isFinite(factor) ? `${rounded(factor)} times` : 'endlessly more than';
}

const phrases: Readonly<Record<Extrapolation['quantity'], string>> = {
  cpus: 'a machine of',
  workers: 'a deployment of',
  'load of a worker': 'a worker with',
  'database wait': 'a database wait of',
  'CPU work': 'CPU work of',
  topology: 'the topology',
};

/** A number of it without its unit, and the unit of more than one. */
const shown: Readonly<Record<Extrapolation['quantity'], { number(value: number): string; unit: string }>> = {
  cpus: { number: String, unit: ' CPUs' },
  workers: { number: String, unit: ' workers' },
  'load of a worker': { number: rounded, unit: '/s' },
  'database wait': { number: milliseconds, unit: ' ms' },
  'CPU work': { number: milliseconds, unit: ' ms' },
  topology: { number: String, unit: '' },
};
