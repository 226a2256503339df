/**
 * The schema of the configuration, from which the types, the validation, the defaults, the JSON
 * Schema for editors and the descriptions in the command line's help all come.
 *
 * Every field's `meta` has its `description`, what a value of it `expects` to be (for errors) and
 * what null means there (`unset`).
 */

import { z } from 'zod';
import { choice } from '../../core/checked-options.ts';
import { inputExtensions } from '../../formats/input-formats.ts';
import { inputUrl, isInputUrl } from '../../formats/remote/input-url.ts';
import {
  stagedExtensionOf,
  stagedExtensions,
  stagedFormatWords,
} from '../../formats/staged-formats.ts';
import { deduplicationKeys } from './config-deduplication.ts';
import { parallelSection } from './config-parallel.ts';
import { selectionKeys } from './config-selection.ts';

const KNOWN_EXTENSIONS = inputExtensions().join(' or ');
/** 65,536 tiles a file: an index of as many is read whenever one of them is opened. */
const MOST_PACK = 8;
const SLICE_BYTES = 24 * 2 ** 20;
const PATH_PARTS = ['style', 'tms', 'z', 'x', 'y'] as const;
/** From the smallest to the largest that they are for. */
const EXECUTORS = ['threads', 'local', 'slurm', 'redis', 'slurm-array', 'inline'] as const;

/** Of geometries that are not valid. */
const INVALID_MODES = ['keep', 'repair', 'drop', 'fail', 'unchecked'] as const;
export type InvalidMode = (typeof INVALID_MODES)[number];

const text = z.string().min(1);
const folderName = z.string().regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]*$/u);
const extension = text
  .toLowerCase()
  .overwrite((value) => (value.startsWith('.') ? value : `.${value}`))
  .refine((value) => inputExtensions().includes(value), {
    error: () => `must be ${inputExtensions().join(' or ')}`,
  });
const stagedExtension = text
  .toLowerCase()
  .overwrite(stagedExtensionOf)
  .refine((value) => stagedExtensions().includes(value), {
    error: () => `must be ${stagedFormatWords().join(' or ')}`,
  });
const extensions = z.union([extension, z.array(extension).min(1)]);

function property(name: string, description: string) {
  return z
    .string()
    .regex(/^[^\p{Cc}]+$/u)
    .default(name)
    .meta({ description, expects: 'the name of a column' });
}

const properties = z
  .strictObject({
    tile: property('staging_tile', 'The tile that this row is in.'),
    centroidTile: property('staging_centroid_tile', "The feature's home tile."),
    area: property('staging_area', "Area in the units of the TileMatrixSet's CRS, squared."),
    centroidX: property('staging_centroid_x', "Easting or longitude in the TileMatrixSet's CRS."),
    centroidY: property('staging_centroid_y', "Northing or latitude in the TileMatrixSet's CRS."),
    filename: property('staging_filename', 'Name of the input.'),
    identifier: property('staging_identifier', 'UUID of the feature, the same in every tile.'),
    centroidWithinTile: property('staging_centroid_within_tile', 'Whether this is its home tile.'),
    duplicated: property(
      'staging_duplicated',
      'Whether the feature is a duplicate; only if these get a label.',
    ),
  })
  .refine((names) => !repeats(['fid', 'geom', ...Object.values(names)]), {
    error: 'must be different names, whatever their case, and not fid or geom',
  });

/** Of this machine, or of S3: a URL is told and kept, and so has nothing in it that opens anything. */
const inputFolder = text.refine((value) => !isInputUrl(value) || isTidyUrl(value), {
  error: 'must be a URL without a user, a password or a query',
});

function isTidyUrl(value: string): boolean {
  try {
    return inputUrl(value) !== '';
  } catch {
    return false;
  }
}

export const configSchema = z.strictObject({
  dirInput: inputFolder.nullable().default(null).meta({
    description:
      'Folder of the inputs, or a prefix s3://bucket/…/. Names of inputs below it start there.',
    expects: 'the path of a folder or null',
    unset: 'the inputs are given in the call',
  }),
  extInput: extensions
    .nullable()
    .default(null)
    .meta({
      description: 'Extensions of the files that folders and globs are searched for.',
      expects: `${KNOWN_EXTENSIONS}, an array of them or null`,
      unset: 'all that can be read',
    }),
  dirStaged: text.default('staged').meta({
    description: 'Folder of the staged tiles; made if it does not exist.',
    expects: 'the path of a folder',
  }),
  extStaged: stagedExtension.default('.gpkg').meta({
    description: 'Format of the tiles: its name, or the extension of its files.',
    expects: stagedFormatWords().join(' or '),
  }),
  pack: z
    .int()
    .min(1)
    .max(MOST_PACK)
    .nullable()
    .default(null)
    .meta({
      description: 'Put 4^pack tiles into a file: those below one tile that many levels up.',
      expects: `a whole number from 1 to ${MOST_PACK} or null`,
      unset: 'each tile is a file',
    }),
  filenameStagingSummary: text.default('staging_summary.csv').meta({
    description:
      'File of the summary, Parquet if it ends in .parquet, else CSV. A name without a folder is placed ' +
      'in the staged folder.',
    expects: 'the name or path of a file',
  }),
  tmsId: text.default('WGS1984Quad').meta({
    description: "The TileMatrixSet: a known one's identifier or the path of a JSON file.",
    expects: 'the identifier of a TileMatrixSet or the path of a JSON file',
  }),
  zRange: z
    .tuple([z.int(), z.int()])
    .refine(([lowest, highest]) => lowest <= highest, { error: 'must be [lowest, highest]' })
    .default([0, 13])
    .meta({
      description: 'Lowest and highest z. Features are staged at the highest.',
      expects: 'two whole numbers, [lowest, highest]',
    }),
  style: folderName.default('').meta({
    description: 'Folder of the style in the paths of tiles; left out when empty.',
    expects: 'the name of a folder (without separators) or empty',
  }),
  tilePathStructure: z
    .array(z.enum(PATH_PARTS))
    .length(PATH_PARTS.length)
    .refine((parts) => parts.slice(0, 2).sort().join() === 'style,tms' && !repeats(parts), {
      error: 'must be style and tms, then z, x and y',
    })
    .default([...PATH_PARTS])
    .meta({
      description: "Order of the parts of a tile's path: style and tms, then z, x and y.",
      expects: `an array of the words ${PATH_PARTS.join(', ')}`,
    }),
  simplifyTolerance: z.number().nonnegative().nullable().default(null).meta({
    description: 'Tolerance of the simplification, in units of the CRS of the input.',
    expects: 'a number ≥ 0 or null',
    unset: 'no simplification',
  }),
  invalid: z
    .enum(INVALID_MODES)
    .default('keep')
    .meta({
      description: 'What becomes of invalid geometries, which are counted unless unchecked.',
      expects: choice(INVALID_MODES),
    }),
  inputCrs: text.nullable().default(null).meta({
    description: 'CRS of the inputs that name none, for example EPSG:3413.',
    expects: 'a CRS such as "EPSG:3413" or null',
    unset: 'such an input is an error',
  }),
  overrideCrs: text.nullable().default(null).meta({
    description: 'CRS of all inputs, in place of the one that they name.',
    expects: 'a CRS such as "EPSG:3413" or null',
    unset: 'each input has its own',
  }),
  grids: text.nullable().default(null).meta({
    description:
      'Folder with grids of datum shifts (NTv2, GeoTIFF), for the operations that need one.',
    expects: 'the path of a folder or null',
    unset: 'no such operation is used',
  }),
  allowBallpark: z.boolean().default(false).meta({
    description:
      'Stage also where no operation between the datums is known, with longitudes and latitudes as they are.',
    expects: 'true or false',
  }),
  layer: text.nullable().default(null).meta({
    description: 'The one layer to read, of inputs that have several.',
    expects: 'the name of a layer or null',
    unset: 'every feature layer of each input',
  }),
  keepPrimaryKey: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Make the integer key of a GeoPackage table a column also where its name says that it only ' +
        'numbers the rows (fid, ogc_fid, id, gid, …).',
      expects: 'true or false',
    }),
  ...selectionKeys,
  ...deduplicationKeys,
  dirFootprints: text.nullable().default(null).meta({
    description:
      'Folder of the footprints, each with the path and name that its input has below dirInput.',
    expects: 'the path of a folder or null',
    unset: 'there are none',
  }),
  extFootprints: extensions
    .nullable()
    .default(null)
    .meta({
      description: 'Extensions of the footprints.',
      expects: `${KNOWN_EXTENSIONS}, an array of them or null`,
      unset: 'all that can be read',
    }),
  properties: properties.prefault({}).meta({
    description: 'Names of the columns that staging adds to every feature.',
    expects: 'an object of column names',
  }),
  workers: z.int().positive().nullable().default(null).meta({
    description: 'How many workers run tasks at once.',
    expects: 'a whole number ≥ 1 or null',
    unset: 'one for each core',
  }),
  executor: z
    .enum(EXECUTORS)
    .default('threads')
    .meta({
      description:
        'Where tasks run: threads; processes of this machine (local); blocks that Slurm gives (slurm); ' +
        'workers of a Redis queue (redis); Slurm array jobs on a shared disk (slurm-array); or inline, ' +
        'one after the other.',
      expects: choice(EXECUTORS),
    }),
  parallel: parallelSection.prefault({}).meta({
    description: 'How workers are obtained, for executors other than threads and inline.',
    expects: 'an object of options',
  }),
  sliceBytes: z.int().positive().default(SLICE_BYTES).meta({
    description: 'Bigger inputs are read in slices of about this many bytes.',
    expects: 'a whole number of bytes ≥ 1',
  }),
  memory: z.int().positive().nullable().default(null).meta({
    description: 'Megabytes that rows may take in memory, for each worker; the rest waits on disk.',
    expects: 'a whole number of megabytes ≥ 1 or null',
    unset: 'an eighth of the machine, shared, 256 to 1,074 each',
  }),
  force: z.boolean().default(false).meta({
    description: 'Stage all inputs again, also those that have not changed.',
    expects: 'true or false',
  }),
  prune: z.boolean().default(false).meta({
    description: 'Remove the features of inputs whose file is gone from a folder that is given.',
    expects: 'true or false',
  }),
  adopt: z
    .boolean()
    .default(false)
    .meta({
      description:
        'Stage into a folder that holds tiles or a summary of another origin: replace those in the ' +
        'way, list the others.',
      expects: 'true or false',
    }),
  record: z.boolean().default(true).meta({
    description:
      'Measure tasks, and keep a record of the run in the staged folder, for its report.',
    expects: 'true or false',
  }),
});

type DeepReadonly<T> = T extends string | number | boolean | null
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> };

export type ConfigKey = keyof typeof configSchema.shape;
/** The values of a configuration, all of them; docs/configuration.md tells of each. */
export type ConfigValues = DeepReadonly<z.output<typeof configSchema>>;
export const CONFIG_KEYS = Object.keys(configSchema.shape) as ConfigKey[];

/** Keys whose values are objects, and the schemas of what is in these. */
export const NESTED = { properties: properties.shape, parallel: parallelSection.shape } as const;

/** Whether two of the names are equal, whatever their case. */
function repeats(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size < names.length;
}
