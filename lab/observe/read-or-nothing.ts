import { readFileSync } from 'node:fs';

/** The text of a file that the system may not have here, such as those of /proc and /sys; '' when it cannot be read. */
export function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
