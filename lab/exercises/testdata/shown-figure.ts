const units: Readonly<Record<string, number>> = { µs: 1e-6, ms: 1e-3, s: 1, '/s': 1, MB: 1e6, GB: 1e9, '%': 0.01 };

/** The first figure of a text as a question shows it, in seconds, per second, bytes, or as a fraction: 0.0214 for `21.4 ms`. */
export function shownFigure(text: string): number {
  const [, digits = '', unit = ''] = /^([\d.]+) ?(µs|ms|s|\/s|MB|GB|%)?/.exec(text) ?? [];
  return Number(digits) * (units[unit] ?? 1);
}
