import type { Mark } from '../../protocol.ts';

/** Seconds between requests that failed alike that are still one occurrence. */
const PAUSE = 3;

/** A mark, or several as one. */
export type Occurrence = Mark & {
  /** The time of the last that it is made of. */
  readonly until?: number;
};

/**
 * The marks, with what was refused or given up at a deployment time and again as one: from the first on, and all counted. What
 * was joined before can be joined with what comes.
 */
export function joinedMarks(marks: readonly Occurrence[]): Occurrence[] {
  const joined: Occurrence[] = [];
  const latest = new Map<string, { readonly place: number; readonly time: number }>();
  for (const mark of marks) {
    const { kind, id, time, count = 1, until = time } = mark;
    if (kind !== 'refused' && kind !== 'given-up') {
      joined.push(mark);
      continue;
    }
    const alike = `${kind} ${id}`;
    const before = latest.get(alike);
    const first = before && time - before.time <= PAUSE ? joined[before.place] : undefined;
    if (before === undefined || first === undefined) {
      latest.set(alike, { place: joined.length, time: until });
      joined.push({ ...mark, count });
    } else {
      latest.set(alike, { place: before.place, time: until });
      joined[before.place] = { ...first, count: (first.count ?? 1) + count, until };
    }
  }
  return joined;
}
