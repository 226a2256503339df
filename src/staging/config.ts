/**
 * The configuration: one schema, from which the types, the validation, the defaults, the JSON
 * Schema for editors and the descriptions in the command line's help all come.
 *
 * Every field's `meta` has its `description`, what a value of it `expects` to be (for errors) and
 * what null means there (`unset`).
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { z } from 'zod';
import { TilewrightError } from '../core/errors.ts';
import { didYouMean } from '../core/nearest.ts';
import { INPUT_EXTENSIONS } from './inputs.ts';

const KNOWN_EXTENSIONS = INPUT_EXTENSIONS.join(' or ');
const SLICE_BYTES = 48 * 2 ** 20;
const PATH_PARTS = ['style', 'tms', 'z', 'x', 'y'] as const;

const text = z.string().min(1);
const folderName = z.string().regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]*$/u);
const extension = text
  .toLowerCase()
  .overwrite((value) => (value.startsWith('.') ? value : `.${value}`))
  .refine((value) => INPUT_EXTENSIONS.includes(value), { error: `must be ${KNOWN_EXTENSIONS}` });
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
  })
  .refine((names) => !repeats(['fid', 'geom', ...Object.values(names)]), {
    error: 'must be different names, whatever their case, and not fid or geom',
  });

export const configSchema = z.strictObject({
  dirInput: text.nullable().default(null).meta({
    description: 'Folder of the inputs. Names of inputs below it start there.',
    expects: 'the path of a folder or null',
    unset: 'the inputs are given in the call',
  }),
  extInput: extensions
    .nullable()
    .default(null)
    .meta({
      description: 'Extensions of the files that folders and globs are searched for.',
      expects: `${KNOWN_EXTENSIONS}, an array of them or null`,
      unset: `all that can be read, ${KNOWN_EXTENSIONS}`,
    }),
  dirStaged: text.default('staged').meta({
    description: 'Folder of the staged tiles; made if it does not exist.',
    expects: 'the path of a folder',
  }),
  filenameStagingSummary: text.default('staging_summary.csv').meta({
    description: 'File of the summary. A name without a folder is placed in the staged folder.',
    expects: 'the name or path of a file',
  }),
  tmsId: text.default('WGS1984Quad').meta({
    description: "The TileMatrixSet: a known one's identifier or the path of a JSON file.",
    expects: 'the identifier of a TileMatrixSet or the path of a JSON file',
  }),
  zRange: z
    .tuple([z.int().nonnegative(), z.int().nonnegative()])
    .refine(([lowest, highest]) => lowest <= highest, { error: 'must be [lowest, highest]' })
    .default([0, 13])
    .meta({
      description: 'Lowest and highest z. Features are staged at the highest.',
      expects: 'two whole numbers ≥ 0, [lowest, highest]',
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
    description: 'Tolerance of the simplification, in the units of the CRS of the input.',
    expects: 'a number ≥ 0 or null',
    unset: 'no simplification',
  }),
  inputCrs: text.nullable().default(null).meta({
    description: 'CRS of the inputs that name none, for example EPSG:3413.',
    expects: 'a CRS such as "EPSG:3413" or null',
    unset: 'an input without a CRS is an error',
  }),
  overrideCrs: text.nullable().default(null).meta({
    description: 'CRS of all inputs, in place of the one that they name.',
    expects: 'a CRS such as "EPSG:3413" or null',
    unset: 'each input has the CRS that it names',
  }),
  layer: text.nullable().default(null).meta({
    description: 'The one layer to read, of inputs that have several.',
    expects: 'the name of a layer or null',
    unset: 'every feature layer of each input',
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
  executor: z.enum(['threads', 'inline']).default('threads').meta({
    description: 'Where tasks run: in worker threads, or inline, one after the other.',
    expects: '"threads" or "inline"',
  }),
  sliceBytes: z.int().positive().default(SLICE_BYTES).meta({
    description: 'Bigger inputs are read in slices of about this many bytes.',
    expects: 'a whole number of bytes ≥ 1',
  }),
  force: z.boolean().default(false).meta({
    description: 'Stage all inputs again, also those that have not changed.',
    expects: 'true or false',
  }),
  prune: z.boolean().default(false).meta({
    description: 'Remove the features of inputs whose file is gone from a folder that is given.',
    expects: 'true or false',
  }),
});

type DeepReadonly<T> = T extends string | number | boolean | null
  ? T
  : { readonly [K in keyof T]: DeepReadonly<T[K]> };

export type ConfigKey = keyof typeof configSchema.shape;
export type ConfigValues = DeepReadonly<z.output<typeof configSchema>>;
export const CONFIG_KEYS = Object.keys(configSchema.shape) as ConfigKey[];

/** Options of the Python pipeline that are not implemented. A file may have them switched off. */
const PYTHON_ONLY: readonly string[] = `
  deduplicate_at deduplicate_method deduplicate_keep_rules deduplicate_overlap_tolerance
  deduplicate_overlap_both deduplicate_centroid_tolerance deduplicate_distance_crs
  deduplicate_clip_to_footprint deduplicate_clip_method prop_duplicated dir_footprints
  ext_footprints dir_geotiff dir_web_tiles dir_3dtiles ext_web_tiles ext_staged tile_size statistics
  filename_rasterization_events filename_rasters_summary filename_config z_coord geometricError`
  .trim()
  .split(/\s+/);
/** Staged tiles are GeoPackages, so that value of ext_staged asks for nothing else. */
const isOff = (key: string, value: unknown): boolean =>
  PYTHON_ONLY.includes(key) &&
  ([null, false, ''].includes(value as null) ||
    (Array.isArray(value) && value.length === 0) ||
    (key === 'ext_staged' && value === '.gpkg'));

/** Each place for a value, such as `dirInput` or `properties.tile`, and its schema. */
const FIELDS = new Map<string, z.ZodType>(Object.entries(configSchema.shape));
/** The place that each key stands for, in all spellings. */
const PLACES = new Map<string, string>();
for (const key of CONFIG_KEYS) PLACES.set(key, key).set(snakeCase(key), key);
for (const [name, field] of Object.entries(properties.shape)) {
  const place = `properties.${name}`;
  FIELDS.set(place, field);
  for (const key of [place, snakeCase(place), `prop_${snakeCase(name)}`]) PLACES.set(key, place);
}

/** What was given, by place, with the key that it was written under; not checked. */
type Given = ReadonlyMap<string, { key: string; value: unknown }>;

export class Config {
  /** Checked and complete; frozen. `filenameStagingSummary` has its folder. */
  readonly values: ConfigValues;
  readonly #given: Given;

  private constructor(before: Given, values: unknown, title = 'The configuration is not valid') {
    const problems: string[] = [];
    this.#given = new Map([...before, ...gather(values, problems)]);
    const checked = check(this.#given, problems);
    if (checked === null) {
      const list = problems.length === 1 ? ` ${problems[0]}` : `\n  ${problems.join('\n  ')}`;
      throw new TilewrightError('config-invalid', `${title}:${list}`);
    }
    this.values = checked;
    Object.freeze(this);
  }

  /**
   * @param values - keys in camelCase or in the snake_case of the Python pipeline; undefined is as
   *   if it weren't there
   * @throws TilewrightError `config-invalid`, with all that is wrong
   */
  static from(values: object): Config {
    return new Config(new Map(), values);
  }

  /**
   * Reads a JSON file. Relative paths in it start at the current folder.
   * @throws TilewrightError `config-invalid`
   */
  static fromFile(path: string): Config {
    let values: unknown;
    try {
      values = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The configuration file ${path} can't be read (it must be JSON): ${reason}`;
      throw new TilewrightError('config-invalid', message, { cause });
    }
    return new Config(new Map(), values, `The configuration file ${path} is not valid`);
  }

  /** A configuration where `overrides` replace what was given; the names of properties mix. */
  merge(overrides: object): Config {
    return new Config(this.#given, overrides);
  }

  /**
   * @param key - in camelCase or snake_case, also `prop_tile` and the like, and `z`
   * @throws TilewrightError `config-invalid` if there is no such key
   */
  get(key: string): unknown {
    if (key === 'z') return this.values.zRange[1];
    const place = PLACES.get(key);
    if (place === undefined) throw new TilewrightError('config-invalid', unknownKey(key));
    let value: unknown = this.values;
    for (const step of place.split('.')) value = (value as Record<string, unknown>)[step];
    return value;
  }

  /** Whether a value was given; otherwise it is the default. */
  isGiven(key: ConfigKey): boolean {
    return [...this.#given.keys()].some((place) => place.split('.')[0] === key);
  }

  /** Extensions to search folders for, in lower case. */
  get extensions(): readonly string[] {
    const { extInput } = this.values;
    return extInput === null ? INPUT_EXTENSIONS : [extInput].flat();
  }

  /** All values, as a plain object that `from` takes. */
  toJSON(): ConfigValues {
    return this.values;
  }
}

/** JSON Schema (2020-12) of a configuration file, with the keys in all spellings. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, {
    io: 'input',
    override: ({ jsonSchema }) => {
      const { unset } = jsonSchema;
      if (unset !== undefined) jsonSchema.description += ` Null: ${unset}.`;
      delete jsonSchema['expects'];
      delete jsonSchema['unset'];
    },
  });
  const fields = schema.properties as Record<string, { properties: Record<string, object> }>;
  const names = fields['properties']!.properties;
  const all: Record<string, object> = {
    $schema: { type: 'string' },
    z: { type: 'integer', minimum: 0, description: 'Short for a zRange of [0, z].' },
  };
  for (const [key, place] of PLACES) {
    const [field, name] = place.split('.') as [string, string?];
    if (name === undefined) all[key] = fields[field]!;
    else if (key.startsWith('prop_')) all[key] = names[name]!;
    else names[key.slice('properties.'.length)] = names[name]!;
  }
  return { ...schema, title: 'Configuration of Tilewright', properties: all };
}

/** Sorts values by place; what has none is a problem. */
function gather(values: unknown, problems: string[]): Given {
  const given = new Map<string, { key: string; value: unknown }>();
  const put = (key: string, place: string, value: unknown): void => {
    const other = given.get(place)?.key;
    if (other !== undefined) problems.push(`${other} and ${key} are the same option: give one.`);
    given.set(place, { key, value });
  };
  if (!isObject(values)) problems.push(`It must be an object of options, not ${show(values)}.`);
  const entries = isObject(values) ? Object.entries(values) : [];
  for (const [key, value] of entries.flatMap(flatten)) {
    const place = PLACES.get(key);
    if (value === undefined || key === '$schema' || isOff(key, value)) continue;
    if (place !== undefined) put(key, place, value);
    else if (key !== 'z') problems.push(unknownKey(key));
    else if (Number.isSafeInteger(value) && Number(value) >= 0) put(key, 'zRange', [0, value]);
    else problems.push(`z must be a whole number ≥ 0, not ${show(value)}.`);
  }
  return given;
}

/** The names of properties as entries of their own, `properties.tile`. */
function flatten([key, value]: [string, unknown]): [string, unknown][] {
  if (key !== 'properties' || !isObject(value)) return [[key, value]];
  return Object.entries(value).map(([name, column]) => [`properties.${name}`, column]);
}

/** Checks and completes what was given; null, and more problems, if something is wrong. */
function check(given: Given, problems: string[]): ConfigValues | null {
  const input: Record<string, unknown> = {};
  const names: Record<string, unknown> = {};
  for (const [place, { value }] of given) {
    const [field, name] = place.split('.') as [string, string?];
    if (name === undefined) input[field] = value;
    else names[name] = value;
  }
  if (!('properties' in input)) input['properties'] = names;
  const { data, error } = configSchema.safeParse(input);
  const told = new Set<string>();
  for (const issue of error?.issues ?? []) {
    // An issue may lie deeper than the place: in an element of an array.
    const path = issue.path.join('.');
    const place = FIELDS.has(path) ? path : String(issue.path[0]);
    if (told.has(place)) continue;
    told.add(place);
    const { key, value } = given.get(place) ?? { key: place, value: input[place] };
    problems.push(`${key} ${describe(issue, place, value)}.`);
  }
  if (problems.length > 0 || data === undefined) return null;
  if (!/[/\\]/.test(data.filenameStagingSummary)) {
    data.filenameStagingSummary = join(data.dirStaged, data.filenameStagingSummary);
  }
  return deepFreeze(data);
}

function unknownKey(key: string): string {
  const python = PYTHON_ONLY.find((name) => name === key || camelCase(name) === key);
  if (python !== undefined || key.startsWith('deduplicate_')) {
    return `${key} is an option of the Python pipeline that is not supported here yet: remove it.`;
  }
  // Suggestions are in the spelling that was used.
  const known = [...PLACES.keys()].filter(
    (name) => name === snakeCase(name) || !key.includes('_') || key.startsWith('properties.'),
  );
  return `${key} is not a known option.${didYouMean(key, known)}`;
}

function describe(issue: z.core.$ZodIssue, place: string, value: unknown): string {
  // The schema's own checks say what they want; a union has the issues of each of its options.
  const issues = issue.code === 'invalid_union' ? issue.errors.flat() : [issue];
  const own = issues.find(({ code }) => code === 'custom');
  const wanted = own?.message ?? `must be ${FIELDS.get(place)?.meta()?.['expects']}`;
  return `${wanted}, not ${show(value)}`;
}

/** A value for a message, cut at 80 characters. */
function show(value: unknown): string {
  const shown = typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 1 });
  return shown.length > 80 ? `${shown.slice(0, 80)}…` : shown;
}

/** Whether two of the names are equal, whatever their case. */
function repeats(names: readonly string[]): boolean {
  return new Set(names.map((name) => name.toLowerCase())).size < names.length;
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
}
