/** The keys of the selection in the configuration; what they have to be: selection.ts. */

import { z } from 'zod';

const text = z.string().min(1);
const names = z.array(text).min(1);

export const selectionKeys = {
  where: text
    .nullable()
    .default(null)
    .meta({
      description:
        'Condition on attributes of the features that are staged, as in SQL: ' +
        "\"area > 100 AND kind IN ('lake', 'pond')\".",
      expects: 'a condition such as "area > 100" or null',
      unset: 'all',
    }),
  bbox: z.tuple([z.number(), z.number(), z.number(), z.number()]).nullable().default(null).meta({
    description: 'Box that the features meet which are staged.',
    expects: 'four numbers, west, south, east and north, or null',
    unset: 'all',
  }),
  bboxCrs: text.nullable().default(null).meta({
    description: 'Its CRS; easting or longitude come first.',
    expects: 'a CRS such as "EPSG:3413" or null',
    unset: 'longitudes and latitudes',
  }),
  columns: names.nullable().default(null).meta({
    description: 'Columns that are kept.',
    expects: 'an array of names of columns or null',
    unset: 'all',
  }),
  dropColumns: names.nullable().default(null).meta({
    description: 'Columns that are left out.',
    expects: 'an array of names of columns or null',
    unset: 'none',
  }),
};
