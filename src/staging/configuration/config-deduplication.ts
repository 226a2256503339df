/** The keys of deduplication in the configuration; what they may be together: deduplication-checks.ts. */

import { z } from 'zod';
import { choice } from '../../core/checked-options.ts';
import { PREDICATES } from '../../overlap/predicates/predicate.ts';

const METHODS = ['neighbor', 'footprints'] as const;
const DUPLICATES = ['label', 'remove'] as const;
const MISSING = ['fail', 'keep'] as const;
/** Steps of the Python pipeline that may leave duplicates out. */
const STEPS = ['staging', 'raster', '3dtiles'] as const;

const text = z.string().min(1);
const tolerance = z.number().nonnegative();
const keepRules = z.array(z.tuple([text, z.enum(['larger', 'smaller'])]));

export const deduplicationKeys = {
  deduplicateMethod: z
    .enum(METHODS)
    .nullable()
    .default(null)
    .meta({
      description:
        'How duplicates are found: by overlap with features of other inputs, or by footprints of inputs.',
      expects: `${choice(METHODS)} or null`,
      unset: 'no deduplication',
    }),
  deduplicateKeepRules: keepRules
    .refine((rules) => new Set(rules.map(([column]) => column)).size === rules.length, {
      error: 'must name each column once',
    })
    .default([])
    .meta({
      description:
        'Which of two stays, rule by rule; last by the name of the input and the position in it.',
      expects: 'an array of [column, "larger" or "smaller"]',
    }),
  deduplicateOverlapTolerance: tolerance.lt(1).nullable().default(0.5).meta({
    description: 'Duplicates overlap by more than this share of their area.',
    expects: 'a number ≥ 0 and < 1 or null',
    unset: 'any overlap will do',
  }),
  deduplicateOverlapBoth: z.boolean().default(true).meta({
    description: 'Whether that is of the area of both, or of one.',
    expects: 'true or false',
  }),
  deduplicateCentroidTolerance: tolerance.nullable().default(null).meta({
    description: 'How far apart the centroids of duplicates are at the most.',
    expects: 'a number ≥ 0 or null',
    unset: 'any distance',
  }),
  deduplicateDistanceCrs: text.nullable().default('EPSG:3857').meta({
    description: 'CRS in whose units that is measured.',
    expects: 'a CRS such as "EPSG:3413" or null',
    unset: 'that of the TileMatrixSet',
  }),
  deduplicateSplitBy: text.nullable().default(null).meta({
    description: 'Column whose values are compared with each other in place of the inputs.',
    expects: 'the name of a column or null',
    unset: 'the inputs',
  }),
  deduplicateWithin: z.boolean().default(false).meta({
    description: 'Whether overlaps inside one input count too.',
    expects: 'true or false',
  }),
  duplicates: z
    .enum(DUPLICATES)
    .nullable()
    .default(null)
    .meta({
      description: 'Whether duplicates get a label or are left out of the tiles.',
      expects: `${choice(DUPLICATES)} or null`,
      unset: 'label, or remove if deduplicateAt has "staging"',
    }),
  deduplicateAt: z
    .array(z.enum(STEPS))
    .nullable()
    .default(null)
    .meta({
      description: 'Steps that leave duplicates out, as in the Python pipeline.',
      expects: `an array of ${choice(STEPS)}, or null`,
      unset: 'what duplicates says',
    }),
  deduplicateClipToFootprint: z
    .union([z.boolean(), z.enum(PREDICATES)])
    .nullable()
    .default(null)
    .meta({
      description:
        "Whether features go that aren't in their input's footprint; or the predicate, in place of " +
        "deduplicateClipMethod's.",
      expects: `true, false, ${choice(PREDICATES)} or null`,
      unset: 'true if dirFootprints is given',
    }),
  deduplicateClipMethod: z
    .enum(PREDICATES)
    .default('intersects')
    .meta({
      description: 'What a feature that stays is to its footprint.',
      expects: choice(PREDICATES),
    }),
  missingFootprints: z
    .enum(MISSING)
    .default('fail')
    .meta({
      description:
        'Whether inputs without a footprint are an error, or keep all features, with a warning.',
      expects: choice(MISSING),
    }),
};
