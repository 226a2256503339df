/** Whether rules go by footprints, and where these are: looked for before work begins. */

import type { Deduplication } from '../../configuration/deduplication.ts';
import type { FoundInput } from '../../folder/found-input.ts';
import {
  type FootprintPlaces,
  findFootprints,
  missingNote,
  withoutFootprint,
} from './find-footprints.ts';

export function asksFootprints({ method, clip }: Deduplication): boolean {
  return method === 'footprints' || clip !== null;
}

/** Those of rules that go by footprints have a folder: the configuration sees to it. */
export function placesOf({ footprints, footprintExtensions }: Deduplication): FootprintPlaces {
  return { footprints: footprints ?? '', footprintExtensions };
}

/** @throws TilewrightError footprint-missing, which names all inputs that have none and need one */
export function requireFootprints(
  inputs: readonly FoundInput[],
  rules: Deduplication | undefined,
): void {
  if (rules === undefined || !asksFootprints(rules) || rules.missingFootprints === 'keep') return;
  const owners = inputs.map(({ name }) => ({ name, file: name }));
  const places = placesOf(rules);
  missingNote(withoutFootprint(owners, findFootprints(owners, places)), places, false);
}
