/** The configuration: what was given, checked and completed by the schema. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { shownValue } from '../../core/checked-options.ts';
import { TilewrightError } from '../../core/errors.ts';
import { didYouMean } from '../../core/nearest.ts';
import { causeText } from '../../core/system-causes.ts';
import { inputExtensions } from '../../formats/input-formats.ts';
import type { ConfigInput, ConfigInputSnakeCase } from './config-input.ts';
import { PASSED_OVER, passedOverNotes, pythonOption } from './config-python.ts';
import {
  CONFIG_KEYS,
  type ConfigKey,
  type ConfigValues,
  configSchema,
  NESTED,
} from './config-schema.ts';
import { deduplicationNotes, deduplicationProblems } from './deduplication-checks.ts';
import { packProblems } from './pack-checks.ts';
import { selectionProblems } from './selection.ts';
import { type SnakeCase, snakeCase } from './spelling.ts';

/** Each place for a value, such as `dirInput` or `properties.tile`, and its schema. */
const FIELDS = new Map<string, z.ZodType>(Object.entries(configSchema.shape));
/** The place that each key stands for, in all spellings. */
const PLACES = new Map<string, string>();
for (const key of CONFIG_KEYS) PLACES.set(key, key).set(snakeCase(key), key);
for (const [key, shape] of Object.entries(NESTED)) {
  for (const [name, field] of Object.entries(shape)) {
    const place = `${key}.${name}`;
    FIELDS.set(place, field);
    PLACES.set(place, place).set(`${key}.${snakeCase(name)}`, place);
    // The Python pipeline has these at the top.
    if (key === 'properties') PLACES.set(`prop_${snakeCase(name)}`, place);
  }
}

/** What was given, by place, with the key that it was written under; not checked. */
type Given = ReadonlyMap<string, { key: string; value: unknown }>;

type InBoth<T, Prefix extends string = ''> = {
  [K in keyof T & string as `${Prefix}${K}` | `${Prefix}${SnakeCase<K>}`]: T[K];
};
/** The type of the value of each key that `get` takes. */
export type ConfigLookup = InBoth<ConfigValues> & { readonly z: number } & {
  readonly [K in keyof ConfigValues['properties'] & string as `prop_${SnakeCase<K>}`]: string;
} & InBoth<ConfigValues['properties'], 'properties.'> &
  InBoth<ConfigValues['parallel'], 'parallel.'>;

/** A configuration of staging: what was given, checked, and completed by the defaults. */
export class Config {
  /** Checked and complete; frozen. `filenameStagingSummary` has its folder. */
  readonly values: ConfigValues;
  /** Keys that were given and passed over. */
  readonly #passedOver: ReadonlySet<string>;
  readonly #given: Given;

  private constructor(
    before: Config | null,
    values: unknown,
    title = 'The configuration is not valid',
    overrides: unknown = {},
  ) {
    const problems: string[] = [];
    const passedOver = new Set(before === null ? [] : before.#passedOver);
    const given = before === null ? [] : before.#given;
    const own = [values, overrides].flatMap((each) => [...gather(each, problems, passedOver)]);
    this.#given = new Map([...given, ...own]);
    this.#passedOver = passedOver;
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
  static from(values: ConfigInputSnakeCase): Config;
  static from(values: ConfigInput): Config;
  static from(values: object): Config {
    return new Config(null, values);
  }

  /**
   * Values of which nothing is known yet, such as JSON that was read; both spellings may mix.
   * @throws TilewrightError `config-invalid`, with all that is wrong
   */
  static parse(values: unknown): Config {
    return new Config(null, values);
  }

  /**
   * Reads a JSON file. Relative paths in it start at the current folder.
   * @param overrides - replace what is in the file before it is checked
   * @throws TilewrightError `config-invalid`
   */
  static fromFile(path: string, overrides: ConfigInput = {}): Config {
    let values: unknown;
    try {
      values = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      const message =
        code === 'ENOENT'
          ? `There is no configuration file ${path}`
          : `The configuration file ${path} can't be read as JSON: ${causeText(cause)}`;
      throw new TilewrightError('config-invalid', message, { cause });
    }
    return new Config(null, values, `The configuration file ${path} is not valid`, overrides);
  }

  /** A configuration where `overrides` replace what was given; the names of properties mix. */
  merge(overrides: ConfigInputSnakeCase): Config;
  merge(overrides: ConfigInput): Config;
  merge(overrides: object): Config {
    return new Config(this, overrides);
  }

  /**
   * @param key - in camelCase or snake_case, also `prop_tile` and the like, and `z`
   * @throws TilewrightError `config-invalid` if there is no such key
   */
  get<K extends keyof ConfigLookup>(key: K): ConfigLookup[K];
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
    return extInput === null ? inputExtensions() : [extInput].flat();
  }

  /** What was given and is passed over, and why. */
  get notes(): string[] {
    return [
      ...passedOverNotes([...this.#passedOver]),
      ...deduplicationNotes(this.values, (key) => this.#given.get(key)?.key),
    ];
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
  const all: Record<string, object> = {
    $schema: { type: 'string' },
    z: { type: 'integer', description: 'Short for a zRange of [0, z], or of [z, z] below 0.' },
  };
  for (const [key, why] of Object.entries(PASSED_OVER))
    all[key] = { description: `Passed over: ${why}.` };
  for (const [key, place] of PLACES) {
    const [field, name] = place.split('.') as [string, string?];
    if (name === undefined) {
      all[key] = fields[field]!;
      continue;
    }
    const inner = fields[field]!.properties;
    if (key.startsWith('prop_')) all[key] = inner[name]!;
    else inner[key.slice(field.length + 1)] = inner[name]!;
  }
  return { ...schema, title: 'Configuration of Tilewright', properties: all };
}

/** Sorts values by place; what has none is a problem. */
function gather(values: unknown, problems: string[], passedOver: Set<string>): Given {
  const given = new Map<string, { key: string; value: unknown }>();
  const put = (key: string, place: string, value: unknown): void => {
    const other = given.get(place)?.key;
    if (other !== undefined) problems.push(`${other} and ${key} are the same option: give one.`);
    given.set(place, { key, value });
  };
  if (!isObject(values))
    problems.push(`It must be an object of options, not ${shownValue(values)}.`);
  const entries = isObject(values) ? Object.entries(values) : [];
  for (const [key, value] of entries.flatMap(flatten)) {
    const place = PLACES.get(key);
    if (value === undefined || key === '$schema') continue;
    const python = place === undefined ? pythonOption(key, value) : null;
    if (place !== undefined) put(key, place, value);
    else if (python === 'passed over') passedOver.add(key);
    else if (python !== null && python !== 'off') problems.push(python.problem);
    else if (python === 'off') continue;
    else if (key !== 'z') problems.push(unknownKey(key));
    else if (Number.isSafeInteger(value)) put(key, 'zRange', [Math.min(0, Number(value)), value]);
    else problems.push(`z must be a whole number, not ${shownValue(value)}.`);
  }
  return given;
}

/** What is nested as entries of their own, `properties.tile`. */
function flatten([key, value]: [string, unknown]): [string, unknown][] {
  if (!Object.hasOwn(NESTED, key) || !isObject(value)) return [[key, value]];
  return Object.entries(value).map(([name, inner]) => [`${key}.${name}`, inner]);
}

/** Checks and completes what was given; null, and more problems, if something is wrong. */
function check(given: Given, problems: string[]): ConfigValues | null {
  const input: Record<string, unknown> = {};
  const nested: Record<string, Record<string, unknown>> = {};
  for (const [place, { value }] of given) {
    const [field, name] = place.split('.') as [string, string?];
    if (name === undefined) input[field] = value;
    else nested[field] = { ...nested[field], [name]: value };
  }
  for (const key of Object.keys(NESTED)) if (!(key in input)) input[key] = nested[key] ?? {};
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
  if (data !== undefined) {
    const written = (key: ConfigKey): string | undefined => given.get(key)?.key;
    problems.push(
      ...selectionProblems(data, written),
      ...deduplicationProblems(data, written),
      ...packProblems(data),
    );
  }
  if (problems.length > 0 || data === undefined) return null;
  if (!/[/\\]/.test(data.filenameStagingSummary)) {
    data.filenameStagingSummary = join(data.dirStaged, data.filenameStagingSummary);
  }
  return deepFreeze(data);
}

function unknownKey(key: string): string {
  const python = pythonOption(key, undefined);
  if (python instanceof Object) return python.problem;
  // Suggestions are in the spelling that was used.
  const known = [...PLACES.keys()].filter(
    (name) => name === snakeCase(name) || !key.includes('_') || key.includes('.'),
  );
  return `${key} is not a known option.${didYouMean(key, known)}`;
}

function describe(issue: z.core.$ZodIssue, place: string, value: unknown): string {
  // The schema's own checks say what they want; a union has the issues of each of its options.
  const issues = issue.code === 'invalid_union' ? issue.errors.flat() : [issue];
  const own = issues.find(({ code }) => code === 'custom');
  const wanted = own?.message ?? `must be ${FIELDS.get(place)?.meta()?.['expects']}`;
  return `${wanted}, not ${shownValue(value)}`;
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
