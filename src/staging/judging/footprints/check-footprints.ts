/** Which inputs have a footprint that can be used, and which lack one. */

import { type TilewrightError, toTilewrightError } from '../../../core/errors.ts';
import { openSource } from '../../../formats/open.ts';
import type { FoundInput } from '../../folder/found-input.ts';
import { inputName } from '../../inputs/input-name.ts';
import { FootprintFinder, type FootprintPlaces } from './find-footprints.ts';
import { readFootprint } from './read-footprint.ts';

export interface CheckedInput {
  input: FoundInput;
  /** Path of its footprint. */
  footprint: string | null;
  /** Why it can't be used. */
  error: TilewrightError | null;
}

/** @param columns - that footprints must have */
export async function checkFootprints(
  inputs: readonly FoundInput[],
  places: FootprintPlaces,
  columns: readonly string[],
): Promise<CheckedInput[]> {
  const finder = new FootprintFinder(places);
  const checked: CheckedInput[] = [];
  for (const input of inputs) {
    let footprint: string | null = null;
    let error: TilewrightError | null = null;
    try {
      footprint = finder.find(input.name);
      if (footprint !== null) {
        for (const name of await namesIn(input)) {
          await readFootprint(footprint, { name, file: input.name }, columns);
        }
      }
    } catch (caught) {
      error = toTilewrightError(caught, { input: input.name }, 'input-unreadable');
    }
    checked.push({ input, footprint, error });
  }
  return checked;
}

/** Names in staging of the file's layers. */
async function namesIn({ path, name }: FoundInput): Promise<string[]> {
  const source = await openSource(path);
  try {
    const layers = source.layerNames();
    return layers.map((layer) => inputName(name, layer, layers.length));
  } finally {
    await source.close();
  }
}
