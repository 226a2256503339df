/** Sample data for the examples, in a temporary folder that is the current one while they run. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeScenes } from '../bench/scenes.ts';

/** Makes the folder, with three scenes of 2,000 polygons in `input`, and enters it. */
export function enterSampleFolder(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-example-'));
  writeScenes(join(folder, 'input'), { seed: 1, count: 3, polygonsEach: 2000 });
  process.chdir(folder);
  process.on('exit', () => {
    process.chdir('..');
    rmSync(folder, { recursive: true, force: true });
  });
}
