/** Sample data for the examples, in a temporary folder that is the current one while they run. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeScenes } from '../bench/scenes.ts';

/** Makes the folder, with some scenes of polygons in `input`, and enters it. */
export function enterSampleFolder(count = 3, polygonsEach = 2_000): void {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-example-'));
  writeScenes(join(folder, 'input'), { seed: 1, count, polygonsEach });
  process.chdir(folder);
  process.on('exit', () => {
    process.chdir('..');
    rmSync(folder, { recursive: true, force: true });
  });
}
