/** What the keys of deduplication may be together. */

import type { z } from 'zod';
import { deduplicationKeys } from './config-deduplication.ts';
import type { ConfigValues } from './config-schema.ts';

const FOOTPRINT_KEYS = ['deduplicateClipMethod', 'extFootprints', 'missingFootprints'] as const;
/** Keys that mean nothing without a method. */
const RULES: readonly Key[] = [
  ...(Object.keys(deduplicationKeys) as Key[]).filter((key) => key !== 'deduplicateMethod'),
  ...(['dirFootprints', 'extFootprints'] as const),
];
/** The Python pipeline has these too, and doesn't look at them under the method `footprints`. */
const MEASURES = [
  'deduplicateOverlapTolerance',
  'deduplicateOverlapBoth',
  'deduplicateCentroidTolerance',
  'deduplicateDistanceCrs',
] as const;

type Key = keyof ConfigValues;
/** The key that an option was written under; undefined if it is not given. */
type Written = (key: Key) => string | undefined;

/** What does not go together, in sentences. A method that is given as null switches all of it off. */
export function deduplicationProblems(values: ConfigValues, written: Written): string[] {
  const { deduplicateMethod: method, dirFootprints, deduplicateClipToFootprint: clip } = values;
  const asked = (keys: readonly Key[]): string[] => askedFor(keys, values, written);
  if (method === null) {
    const rules = written('deduplicateMethod') === undefined ? asked(RULES) : [];
    if (rules.length === 0) return [];
    return [
      `${rules.join(', ')}: there is no deduplicateMethod (--deduplicate). Say "neighbor" or ` +
        '"footprints", or null for no deduplication.',
    ];
  }
  const problems: string[] = [];
  if (method === 'footprints') {
    for (const key of asked(['deduplicateSplitBy', 'deduplicateWithin'])) {
      problems.push(`${key} is for the method "neighbor": footprints are those of inputs.`);
    }
  }
  if (dirFootprints !== null) return problems;
  // Clipping is on in the Python pipeline unless it is switched off: these ask for it.
  const needing = asked(clip === false ? [] : ['deduplicateClipToFootprint', ...FOOTPRINT_KEYS]);
  if (method === 'footprints') needing.unshift(`${written('deduplicateMethod')} "footprints"`);
  if (needing.length > 0) {
    problems.push(
      `${needing.join(', ')}: there is no dirFootprints (--footprints). Say which folder has the ` +
        "footprints; the Python pipeline's default is footprints.",
    );
  }
  return problems;
}

/** What was given and changes nothing, or leaves nothing. */
export function deduplicationNotes(values: ConfigValues, written: Written): string[] {
  const { deduplicateMethod: method, deduplicateClipToFootprint: clip } = values;
  const notes: string[] = [];
  const keys = method === 'footprints' ? askedFor(MEASURES, values, written) : [];
  if (keys.length > 0)
    notes.push(
      `${keys.join(', ')}: passed over, since the method "footprints" measures no overlaps`,
    );
  const isClipped = method !== null && values.dirFootprints !== null && clip !== false;
  const predicate = typeof clip === 'string' ? clip : values.deduplicateClipMethod;
  if (isClipped && predicate === 'crosses')
    notes.push('No polygon crosses another: clipping by "crosses" leaves no feature');
  return notes;
}

/** Those that were given with a value that neither is the default nor switches off. */
function askedFor(keys: readonly Key[], values: ConfigValues, written: Written): string[] {
  const defaults: Partial<Record<Key, z.ZodType>> = deduplicationKeys;
  return keys.flatMap((key) => {
    const value = values[key];
    const isOff = value === null || value === false || (Array.isArray(value) && value.length === 0);
    return isOff || value === defaults[key]?.parse(undefined) ? [] : (written(key) ?? []);
  });
}
