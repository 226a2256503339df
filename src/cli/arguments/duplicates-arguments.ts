/** Options of `tilewright duplicates`. */

import { z } from 'zod';
import { optionsOf, readNumber } from './option.ts';
import { flag } from './shared-fields.ts';

const file = (description: string) =>
  z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .meta({ description, expects: 'the path of a file or null', unset: 'none' });

export const duplicatesSchema = z.strictObject({
  pairs: z.enum(['duplicates', 'all']).default('duplicates').meta({
    description: 'Which pairs to list: duplicates, or all that overlap.',
    expects: '"duplicates" or "all"',
  }),
  limit: z.number().min(0).nullable().default(null).meta({
    description: 'How many lines to print at most.',
    expects: 'a whole number ≥ 0 or all',
  }),
  json: flag('Print the summary and the pairs as JSON.'),
  csv: file('Write all pairs as CSV; a file that is there is replaced.'),
  geojson: file(
    'Write features with their geometries as GeoJSON; a file that is there is replaced.',
  ),
});

export interface DuplicatesCommand extends z.output<typeof duplicatesSchema> {
  command: 'duplicates';
  folder: string;
}

export const DUPLICATES_OPTIONS = optionsOf(duplicatesSchema, {
  pairs: {},
  limit: {
    argument: 'N|all',
    kind: ['all'],
    read: (text) => (text === 'all' ? Number.POSITIVE_INFINITY : wholeNumber(text)),
    expects: 'a whole number ≥ 0 or all',
    default: '50, all with --json',
  },
  json: {},
  csv: { argument: 'FILE', kind: 'file' },
  geojson: { argument: 'FILE', kind: 'file' },
});

function wholeNumber(text: string): number {
  const number = readNumber(text);
  return Number.isSafeInteger(number) ? number : Number.NaN;
}
