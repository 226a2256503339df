/** Options of `tilewright footprints`. */

import { z } from 'zod';
import type { Config } from '../../staging/configuration/config.ts';
import { type Option, optionsOf } from './option.ts';
import { flag } from './shared-fields.ts';

export const footprintsSchema = z.strictObject({
  make: z.enum(['hull', 'cells']).nullable().default(null).meta({
    description:
      'Make those that are missing: the convex hull of all features, or the union of square cells that they intersect.',
    expects: 'hull or cells',
    unset: 'only tell which are missing',
  }),
  cellSize: z.number().positive().nullable().default(null).meta({
    description: 'Side of a cell, in units of the CRS of the input.',
    expects: 'a number > 0',
    unset: 'holds 16 features if they are spread evenly, at most 500 in a row',
  }),
  overwrite: flag('Make also those that are there, and replace their files.'),
});

export interface FootprintsCommand extends z.output<typeof footprintsSchema> {
  command: 'footprints';
  inputs: string[];
  config: Config;
  json: boolean;
}

/** Options of `stage` that say which inputs there are, where their footprints are, and their columns. */
const SHARED: readonly string[] = [
  'footprints',
  'keep',
  'ext',
  'input-crs',
  'override-crs',
  'config',
];

/** @param stage - the options of `stage` */
export function footprintsOptions<T extends Option>(stage: readonly T[]): Option[] {
  return [
    ...stage
      .filter(({ name }) => SHARED.includes(name))
      .sort((a, b) => SHARED.indexOf(a.name) - SHARED.indexOf(b.name))
      .map((option) => ({ ...option, ...WORDS[option.name] })),
    ...optionsOf(footprintsSchema, {
      make: {},
      cellSize: { argument: 'N' },
      overwrite: {},
    }),
  ];
}

const WORDS: Readonly<Record<string, Partial<Option>>> = {
  footprints: { default: 'must be given, here or in the configuration file' },
  keep: { description: 'Rules whose columns footprints must have.' },
};
