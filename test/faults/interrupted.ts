/** Runs that are stopped, and what they leave in the staged folder. */

import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { StoppingExecutor } from '../staging/stopping-executor.ts';
import { layerAt, threeInputs, type Workplace } from '../staging/workplace.ts';

/** A group for each input or two, so that some tiles are built and others spilled. */
const GROUPS = { sliceBytes: 60_000 };

/** More of them, neighbours of which share tiles: groups have tiles of their own, and others. */
export function manyInputs(t: { after(work: () => void): void }): Workplace {
  const at = threeInputs(t);
  for (let k = 0; k < 5; k++) {
    at.write(`d${k}.gpkg`, layerAt([6 + 2 * k, 7 + 2 * k, 8 + 2 * k], 4 + k));
  }
  return at;
}

/** Stops before the n-th of these tasks; returns the files that are left, by kind. */
export async function interrupted(at: Workplace, staged: string, task: string, n: number) {
  const config = { dirInput: at.input, dirStaged: staged, ...GROUPS };
  const executor = new StoppingExecutor(task, n, false);
  await assert.rejects(new TileStager(config).stageAll({ executor }), { code: 'interrupted' });
  const left = (kind: string): string[] =>
    globSync(`.tilewright/runs/*/*.${kind}`, { cwd: staged })
      .sort()
      .map((name) => join(staged, name));
  const files = { record: left('record'), tile: left('tile'), shuffle: left('shuffle') };
  for (const [kind, its] of Object.entries(files)) assert.ok(its.length > 0, kind);
  return files;
}
