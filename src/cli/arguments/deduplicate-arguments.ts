/** Options of deduplication, of every command that judges. */

import { PREDICATES } from '../../overlap/predicates/predicate.ts';
import { Config } from '../../staging/configuration/config.ts';
import { configSchema } from '../../staging/configuration/config-schema.ts';
import { type Option, optionsOf, readNumber } from './option.ts';

const NONE = 'none';
/** In place of a CRS: that of the TileMatrixSet. */
const OF_TILES = 'tiles';

export const DEDUPLICATE_OPTIONS: readonly Option[] = optionsOf(configSchema, {
  deduplicateMethod: {
    name: 'deduplicate',
    argument: 'neighbor|footprints|none',
    kind: ['neighbor', 'footprints', NONE],
    read: orNone,
    expects: '"neighbor", "footprints" or none',
  },
  deduplicateKeepRules: {
    name: 'keep',
    argument: 'COLUMN:larger|smaller,…',
    multiple: true,
    read: (...texts) => texts.flatMap(readKeepRules),
    expects: 'COLUMN:larger or COLUMN:smaller, several with commas between, each column once',
    default: 'none',
  },
  deduplicateOverlapTolerance: {
    name: 'overlap',
    argument: 'N|none',
    kind: [NONE],
    read: numberOrNone,
    expects: 'a number ≥ 0 and < 1, or none',
  },
  deduplicateOverlapBoth: {
    name: 'overlap-one',
    read: () => false,
    description: 'It is enough if one of the two overlaps by that share of its area.',
  },
  deduplicateCentroidTolerance: {
    name: 'centroid-distance',
    argument: 'N|none',
    kind: [NONE],
    read: numberOrNone,
    expects: 'a number ≥ 0 or none',
  },
  deduplicateDistanceCrs: {
    name: 'distance-crs',
    argument: 'CRS|tiles',
    kind: [OF_TILES],
    read: (text) => (text === OF_TILES ? null : text),
  },
  deduplicateSplitBy: { name: 'split-by', argument: 'COLUMN' },
  deduplicateWithin: { name: 'within', description: 'Overlaps inside one input count too.' },
  dirFootprints: { name: 'footprints', argument: 'DIR', kind: 'folder' },
  deduplicateClipToFootprint: {
    name: 'clip-to-footprint',
    argument: 'PREDICATE|none',
    kind: [...PREDICATES, NONE],
    read: (text) => (text === NONE ? false : text),
    expects: `one of ${PREDICATES.join(', ')} and none`,
    description: `Features go that are not so to the footprint of their input: ${PREDICATES.join(', ')}.`,
    default: 'intersects with --footprints, otherwise none',
  },
  missingFootprints: {},
  duplicates: { default: 'label' },
});

/** The configuration file, if one is given, overruled by the values of options. */
export function givenConfig(
  given: ReadonlyMap<string, string[]>,
  values: Record<string, unknown>,
): Config {
  const file = given.get('config')?.at(-1);
  return file === undefined ? Config.parse(values) : Config.fromFile(file, values);
}

/** `Date:larger,Score:smaller`; a name may have colons and commas. What is no rule is left as it is. */
function readKeepRules(text: string): unknown[] {
  const rules = [...text.matchAll(/(.+?):(larger|smaller)(?:,|$)/gy)];
  const length = rules.reduce((sum, [whole]) => sum + whole.length, 0);
  return length < text.length ? [text] : rules.map(([, column, keep]) => [column, keep]);
}

function orNone(text: string): string | null {
  return text === NONE ? null : text;
}

function numberOrNone(text: string): number | null {
  return text === NONE ? null : readNumber(text);
}
