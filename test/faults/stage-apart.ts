/**
 * A process that stages each of many files into a folder of its own, which it removes again:
 *
 *     stage-apart.ts FOLDER CONFIG < paths, one a line
 *
 * For each it prints a line of JSON, an `Outcome`, and at the end one that says how much memory the
 * process took at the most, in KiB.
 */

import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { TilewrightError } from '../../src/core/errors.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';

export interface Outcome {
  path: string;
  /** `staged`, the code of an error, or `not one of ours`. */
  outcome: string;
  message: string;
  /** Of all its layers. */
  rowsRead: number;
  featuresStaged: number;
  dropped: number;
}

if (import.meta.main) {
  const [folder, config] = process.argv.slice(2) as [string, string];
  for (const path of readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
    process.stdout.write(`${JSON.stringify(await stage(path, folder, JSON.parse(config)))}\n`);
  }
  process.stdout.write(`${process.resourceUsage().maxRSS}\n`);
}

async function stage(path: string, folder: string, config: object): Promise<Outcome> {
  const counts = { rowsRead: 0, featuresStaged: 0, dropped: 0 };
  const dirStaged = join(folder, 'apart');
  try {
    const stager = new TileStager({ executor: 'inline', ...config, dirStaged });
    const { inputs, missing } = await stager.stageAll({ inputs: [path] });
    for (const { error } of missing) throw error;
    for (const input of inputs) {
      if (input.status === 'failed') throw TilewrightError.fromJSON(input.error);
      counts.rowsRead += input.rowsRead;
      counts.featuresStaged += input.featuresStaged;
      for (const { count } of Object.values(input.drops)) counts.dropped += count;
    }
    return { path, outcome: 'staged', message: '', ...counts };
  } catch (error) {
    const outcome = error instanceof TilewrightError ? error.code : 'not one of ours';
    return { path, outcome, message: String((error as Error).stack), ...counts };
  } finally {
    rmSync(dirStaged, { recursive: true, force: true });
  }
}
