/**
 * How many features of the inputs overlap: known when they are judged, and for that they are staged, into a
 * folder of the system's temporary ones that is removed again.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../configuration/config.ts';
import { type StageOptions, TileStager } from '../tile-stager.ts';
import type { CheckedOverlaps } from './check-result.ts';

export async function countOverlaps(
  config: Config,
  options: StageOptions & { inputs: readonly string[] },
): Promise<CheckedOverlaps> {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-check-'));
  try {
    const { deduplicateMethod } = config.values;
    const stager = new TileStager(
      config.merge({
        dirStaged: join(folder, 'staged'),
        filenameStagingSummary: 'summary.csv',
        deduplicateMethod: deduplicateMethod ?? 'neighbor',
        duplicates: 'label',
        record: false,
      }),
    );
    const { pairs = 0, duplicates = {} } = await stager.stageAll(options);
    const counts = Object.values(duplicates).flatMap((reasons) => Object.values(reasons));
    return { pairs, duplicates: counts.reduce((sum, count) => sum + count, 0) };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}
