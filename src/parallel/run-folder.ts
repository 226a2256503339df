/** Folders of executors below a common one, `runDir`. */

import { rmdirSync, rmSync } from 'node:fs';

/** Removes a folder of ours, and `runDir`, which it is in, if nothing else is there. */
export function removeRunFolder(folder: string, runDir: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  try {
    rmdirSync(runDir);
  } catch {
    // Others use it.
  }
}
