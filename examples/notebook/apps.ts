/** What the workers of the notebook's program run: a module, which they import by its URL. */

import { TileStager } from '../../src/index.ts';

/** Where this module is, for `app`. */
export const url = import.meta.url;

/**
 * Stages one file. Any number of workers may do so at once on one staged folder: they read and
 * process side by side, and take turns in writing tiles.
 */
export async function stageFile(dirInput: string, dirStaged: string, path: string) {
  const stager = new TileStager({ dirInput, dirStaged, executor: 'inline' });
  const { featuresStaged, seconds } = await stager.stage(path);
  return { path, featuresStaged, seconds };
}
