/** The help of the command line. What an option means, and its default, come from the schema. */

import type { z } from 'zod';
import { CONFIG_KEYS, configSchema } from '../../staging/configuration/config-schema.ts';
import { COMMANDS, type CommandName, GENERAL_OPTIONS, type Topic } from './commands.ts';
import type { Option } from './option.ts';

/** Columns of a line. */
const WIDTH = 100;
/** Column where descriptions start. */
const INDENT = 34;

export const EXIT_CODES: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'everything is done'],
  [1, 'some inputs failed and the rest is staged, or an error such as a full disk ended the run'],
  [2, 'the command line or the configuration is wrong'],
  [130, 'interrupted; the same command goes on where it stopped'],
];

/** Variables that the program looks at. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['NO_COLOR', 'No colours, if it has any value.'],
  ['FORCE_COLOR', 'Colours in files and pipes too, or none with 0; it overrules NO_COLOR.'],
  ['TILEWRIGHT_DEBUG', 'Set to 1: as --verbose, for any command.'],
  ['TILEWRIGHT_QUEUE', 'The queue of tilewright worker, where --queue is not given.'],
];

export const EXAMPLES: readonly (readonly [command: string, meaning: string])[] = [
  ['tilewright stage input --out staged', 'all files in a folder, at z 13 of WGS1984Quad'],
  ['tilewright stage "lakes/**/*.shp" --out staged --z 11 --input-crs EPSG:3413', ''],
  ['tilewright stage --config staging.json --workers 8', 'options overrule the file'],
  ['tilewright info input/scene-1.gpkg', 'layers, columns and CRS of a file'],
  ['tilewright check input', 'what would not be staged, and why'],
  ['tilewright plot staged -o tiles.png', 'a map of what is staged'],
  ['tilewright tms show WGS1984Quad', 'a TileMatrixSet'],
];

/** @returns text of lines of at most 100 columns, with a newline at the end */
export function helpText(topic: Topic): string {
  const lines = topic === null ? overview() : commandHelp(topic);
  return `${lines.join('\n')}\n`;
}

function overview(): string[] {
  return [
    'Tilewright stages big vector datasets into the tiles of an OGC TileMatrixSet.',
    '',
    'Usage: tilewright COMMAND [ARGUMENT…] [OPTION…]',
    '',
    'Commands:',
    ...Object.values(COMMANDS).flatMap(({ usage, summary }) => [
      ...usage.slice(0, -1).map((line) => `  ${line}`),
      ...entry(usage.at(-1)!, summary),
    ]),
    ...entry('help [COMMAND]', 'Show help, or that of a command.'),
    '',
    'Options:',
    ...GENERAL_OPTIONS.flatMap(optionLines),
    '',
    'Examples:',
    ...EXAMPLES.flatMap(([command, meaning]) => [
      ...(meaning === '' ? [] : [`  # ${meaning}`]),
      `  ${command}`,
    ]),
    '',
    ...exitCodes(),
    '',
    'Environment:',
    ...ENVIRONMENT.flatMap(([name, meaning]) => entry(name, meaning)),
  ];
}

function commandHelp(name: CommandName): string[] {
  const { usage, summary, options } = COMMANDS[name];
  const lines = [
    ...usage.map((line, i) => `${i === 0 ? 'Usage:' : '      '} tilewright ${line}`),
    '',
    ...wrap(summary, WIDTH),
    '',
    'Options:',
    ...options.flatMap(optionLines),
  ];
  return name === 'stage' ? [...lines, ...stageNotes(options), '', ...exitCodes()] : lines;
}

function stageNotes(options: readonly Option[]): string[] {
  const settable = new Set(options.map(({ key }) => key));
  const rest = CONFIG_KEYS.filter((key) => !settable.has(key));
  const note =
    'INPUT is a file, a folder (searched with all below it) or a glob. Without any, the ' +
    "configuration's dirInput is staged. A configuration file is a JSON object of the keys " +
    'dirStaged, tmsId, zRange and so on; the names of the Python pipeline (dir_staged, tms_id, ' +
    'z_range) work too. These are set there alone:';
  const lines = rest.flatMap((key) => {
    const field: z.ZodType = configSchema.shape[key];
    return entry(key, `${field.description} Default: ${defaultOf(field)}.`);
  });
  return ['', ...wrap(note, WIDTH), ...lines];
}

function optionLines(option: Option): string[] {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const argument = option.argument === undefined ? '' : ` ${option.argument}`;
  return entry(`${short}--${option.name}${argument}`, meaning(option));
}

/** What an option means, with its default: in the schema's words where it sets a key. */
export function meaning({ field, argument, multiple, ...own }: Option): string {
  const description = own.description ?? field?.description ?? '';
  const several = multiple === true ? ' May be given several times.' : '';
  const standard = own.default ?? (field === undefined ? undefined : defaultOf(field));
  const showDefault = argument !== undefined && standard !== undefined;
  return `${description}${several}${showDefault ? ` Default: ${standard}.` : ''}`;
}

/** A field's default in words. */
function defaultOf(field: z.ZodType): string {
  const value: unknown = field.parse(undefined);
  if (value === null || value === undefined) return String(field.meta()?.['unset']);
  if (value === '') return 'empty';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, column]) => `${name} ${column}`)
      .join(', ');
  }
  return String(value);
}

function exitCodes(): string[] {
  return ['Exit codes:', ...EXIT_CODES.flatMap(([code, text]) => entry(String(code), text, 8))];
}

/** A name and, beside or below it, its description. */
function entry(name: string, description: string, indent = INDENT): string[] {
  const [first = '', ...rest] = wrap(description, WIDTH - indent);
  const head = `  ${name}`;
  const below = rest.map((line) => ' '.repeat(indent) + line);
  if (head.length + 2 > indent) return [head, ' '.repeat(indent) + first, ...below];
  return [head.padEnd(indent) + first, ...below];
}

/** Lines of at most `width` columns; a longer word has its own line. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
