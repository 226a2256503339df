/** Options of `tilewright plot`, and how their texts are read. */

import {
  DEFAULT_SEED,
  DEFAULT_TILES,
  formatOf,
  PLOT_COLORS,
  type PlotColor,
} from '../../plot/options.ts';
import type { Option } from './option.ts';

export const DEFAULT_OUTPUT = 'tiles.png';

/** In place of a file: standard output. */
export const STANDARD_OUTPUT = '-';
const FORMATS = ['png', 'svg'] as const;

export interface PlotCommand {
  command: 'plot';
  folder: string;
  output: string;
  format: 'png' | 'svg';
  /** The most tiles to draw; Infinity for all. */
  tiles: number;
  seed: number;
  color: PlotColor;
  grid: boolean;
}

export const PLOT_OPTIONS: readonly Option[] = [
  {
    name: 'output',
    short: 'o',
    argument: 'FILE|-',
    kind: 'file',
    description:
      'The file to write, .png or .svg; one that is there is replaced. A dash is standard output.',
    default: `${DEFAULT_OUTPUT} in the current folder`,
  },
  {
    name: 'format',
    argument: FORMATS.join('|'),
    kind: FORMATS,
    description: 'Kind of the picture on standard output.',
    default: 'png',
  },
  {
    name: 'tiles',
    argument: 'N|all',
    kind: ['all'],
    description: 'The most tiles to draw: the first in Z-order from the north-west.',
    default: String(DEFAULT_TILES),
  },
  {
    name: 'color',
    argument: PLOT_COLORS.join('|'),
    kind: PLOT_COLORS,
    description:
      'What colours stand for: the tile (random), the number or the area of its polygons, or the ' +
      'input of a polygon.',
    default: 'random',
  },
  {
    name: 'seed',
    argument: 'N',
    description: 'Whole number that the random colours depend on.',
    default: String(DEFAULT_SEED),
  },
  { name: 'no-grid', description: 'Draw no borders and names of tiles.' },
];

/**
 * @param given - texts of the options
 * @param usage - makes the error for a wrong command line
 */
export function plotValues(
  given: ReadonlyMap<string, string[]>,
  positionals: readonly string[],
  usage: (message: string) => Error,
): PlotCommand {
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) throw usage('plot needs one DIR.');
  const text = (name: string): string | undefined => given.get(name)?.at(-1);
  const output = text('output') ?? (text('format') === 'svg' ? 'tiles.svg' : DEFAULT_OUTPUT);
  const format = pictureFormat(output, text('format'), usage);
  const tiles = text('tiles') ?? String(DEFAULT_TILES);
  if (tiles !== 'all' && !/^0*[1-9]\d*$/.test(tiles)) {
    throw usage(`--tiles must be a whole number ≥ 1 or all, not "${tiles}".`);
  }
  const seed = text('seed') ?? String(DEFAULT_SEED);
  if (!/^-?\d+$/.test(seed) || !Number.isSafeInteger(Number(seed))) {
    throw usage(`--seed must be a whole number, not "${seed}".`);
  }
  const color = PLOT_COLORS.find((name) => name === (text('color') ?? 'random'));
  if (color === undefined) {
    throw usage(`--color must be ${PLOT_COLORS.join(' or ')}, not "${text('color')}".`);
  }
  return {
    command: 'plot',
    folder,
    output,
    format,
    tiles: tiles === 'all' ? Number.POSITIVE_INFINITY : Number(tiles),
    seed: Number(seed),
    color,
    grid: !given.has('no-grid'),
  };
}

/** By the file's extension; `--format` may say the same, and decides for standard output. */
function pictureFormat(
  output: string,
  given: string | undefined,
  usage: (message: string) => Error,
): 'png' | 'svg' {
  const format = FORMATS.find((known) => known === given);
  if (given !== undefined && format === undefined) {
    throw usage(`--format must be ${FORMATS.join(' or ')}, not "${given}".`);
  }
  if (output === STANDARD_OUTPUT) return format ?? 'png';
  let own: 'png' | 'svg';
  try {
    own = formatOf({ output });
  } catch (error) {
    throw usage(`${(error as Error).message}.`);
  }
  if (format === undefined || format === own) return own;
  throw usage(`--format ${format} does not go with ${output}: its extension says what it is.`);
}
