/** The rules of deduplication, as a run of it takes them. */

import { parseCrs } from '../../crs/parse.ts';
import type { CrsReference } from '../../crs/reference.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import { inputExtensions } from '../../formats/input-formats.ts';
import type { Predicate } from '../../overlap/predicates/predicate.ts';
import type { Config } from './config.ts';
import { crsOption } from './crs-option.ts';

/** What a feature that stays is to the footprint of its input, as simple features have it. */
export type ClipPredicate = Predicate;

/** Of two features, the one with the larger or smaller value stays; null loses. */
export interface KeepRule {
  readonly column: string;
  readonly keep: 'larger' | 'smaller';
}

/** What duplicates are, which of them stay, and what becomes of the others. Plain data. */
export interface Deduplication {
  readonly method: 'neighbor' | 'footprints';
  /** In order; where all of them are even, the name of the input decides, then the position in it. */
  readonly keepRules: readonly KeepRule[];
  /** Area of the intersection ÷ own area is above this, 0 to 1; null: no such test. */
  readonly overlapTolerance: number | null;
  /** That holds for both features, or for one of them. */
  readonly overlapBoth: boolean;
  /** Largest distance of the centroids, itself allowed, in units of `distanceCrs`; null: no such test. */
  readonly centroidTolerance: number | null;
  /** Null: that of the TileMatrixSet. */
  readonly distanceCrs: string | null;
  /** Column whose values stand in place of the inputs; null: the inputs. */
  readonly splitBy: string | null;
  /** Overlaps inside one input (or value of `splitBy`) count too. */
  readonly within: boolean;
  readonly duplicates: 'label' | 'remove';
  /** Holds between a feature and its input's footprint, or the feature goes; null: not looked at. */
  readonly clip: ClipPredicate | null;
  /** Folder of the footprints. */
  readonly footprints: string | null;
  /** Of the files of footprints, in lower case with the dot. */
  readonly footprintExtensions: readonly string[];
  readonly missingFootprints: 'fail' | 'keep';
}

/**
 * The configuration's rules; null if it has no method, and so no deduplication.
 * @throws TilewrightError `config-invalid` if `deduplicateDistanceCrs` is no CRS
 */
export function deduplicationOf(config: Config): Deduplication | null {
  const { values } = config;
  const { deduplicateMethod: method, dirFootprints: footprints } = values;
  if (method === null) return null;
  const distanceCrs = values.deduplicateDistanceCrs;
  if (distanceCrs !== null) crsOption(distanceCrs, '--distance-crs (deduplicateDistanceCrs)');
  const clip = values.deduplicateClipToFootprint ?? footprints !== null;
  return {
    method,
    keepRules: values.deduplicateKeepRules.map(([column, keep]) => ({ column, keep })),
    overlapTolerance: values.deduplicateOverlapTolerance,
    overlapBoth: values.deduplicateOverlapBoth,
    centroidTolerance: values.deduplicateCentroidTolerance,
    distanceCrs,
    splitBy: values.deduplicateSplitBy,
    within: values.deduplicateWithin,
    duplicates:
      values.duplicates ?? (values.deduplicateAt?.includes('staging') ? 'remove' : 'label'),
    clip: clip === true ? values.deduplicateClipMethod : clip || null,
    footprints,
    footprintExtensions: footprintExtensionsOf(config),
    missingFootprints: values.missingFootprints,
  };
}

/** In lower case with the dot; those of all formats that can be read where none is given. */
export function footprintExtensionsOf({ values: { extFootprints } }: Config): readonly string[] {
  return extFootprints === null ? inputExtensions() : [extFootprints].flat();
}

/**
 * What to know of the distances of centroids, if they are in degrees.
 * @param tilesCrs - of the TileMatrixSet
 */
export function distanceNotes(rules: Deduplication | null, tilesCrs: CrsReference): string[] {
  if (rules?.method !== 'neighbor' || rules.centroidTolerance === null) return [];
  const { distanceCrs, centroidTolerance } = rules;
  const { geographic, id, name } = resolveCrs(
    distanceCrs === null ? tilesCrs : parseCrs(distanceCrs),
  );
  if (!geographic) return [];
  return [
    `Distances of centroids are measured in degrees, since ${id ?? name} is geographic, and ` +
      `${centroidTolerance} is allowed: set deduplicateDistanceCrs (--distance-crs) to a projected CRS ` +
      'to have other units',
  ];
}
