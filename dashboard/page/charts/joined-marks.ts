import type { Mark } from '../../protocol.ts';

/** Seconds between refusals that are still one occurrence. */
const PAUSE = 3;

/** The marks, with refusals at a topology that follow upon one another as one: from the first on, and all counted. */
export function joinedMarks(marks: readonly Mark[]): Mark[] {
  const joined: Mark[] = [];
  const latest = new Map<Mark['topology'], { readonly place: number; readonly time: number }>();
  for (const mark of marks) {
    const { kind, topology, time, count = 1 } = mark;
    if (kind !== 'refused') {
      joined.push(mark);
      continue;
    }
    const before = latest.get(topology);
    const first = before && time - before.time <= PAUSE ? joined[before.place] : undefined;
    if (before === undefined || first === undefined) {
      latest.set(topology, { place: joined.length, time });
      joined.push({ ...mark, count });
    } else {
      latest.set(topology, { place: before.place, time });
      joined[before.place] = { ...first, count: (first.count ?? 1) + count };
    }
  }
  return joined;
}
