import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether a secret is the one that is expected; it takes as long whichever characters are right. */
export function sameText(given: string, expected: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(expected));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
