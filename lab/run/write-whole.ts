import { renameSync, writeFileSync } from 'node:fs';
import { LoadlineError } from '../../model/errors.ts';

/** Writes a file in place of what there is: a reader never sees half of it. `what`: how it is called where it cannot be. */
export function writeWhole(path: string, text: string, what = 'A file'): void {
  try {
    writeFileSync(`${path}.part`, text);
    renameSync(`${path}.part`, path);
  } catch (cause) {
    throw new LoadlineError('folder-unwritable', `${what} goes to ${path}, which cannot be written: ${cause}`, {
      cause,
    });
  }
}
