/**
 * Sends the values that it is given one after the other, never two at a time and never two within `gapMs` milliseconds.
 * Of values that come faster the last is sent, always; those between are left out.
 */
export function paced<Value>(send: (value: Value) => Promise<void>, gapMs: number): (value: Value) => void {
  let next: { value: Value } | undefined;
  let busy = false;

  const go = async (): Promise<void> => {
    busy = true;
    while (next !== undefined) {
      const { value } = next;
      next = undefined;
      const gap = new Promise<void>(resolve => {
        setTimeout(resolve, gapMs);
      });
      await Promise.allSettled([send(value), gap]);
    }
    busy = false;
  };
  return value => {
    next = { value };
    if (!busy) void go();
  };
}
