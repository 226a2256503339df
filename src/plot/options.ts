/** Options of maps, their defaults and checks. */

import { extname } from 'node:path';
import { TilewrightError } from '../core/errors.ts';

/** What colours stand for. */
export type PlotColor = 'random' | 'count' | 'area' | 'input';
export const PLOT_COLORS: readonly PlotColor[] = ['random', 'count', 'area', 'input'];

/** As many as the notebook of the Python pipeline draws. */
export const DEFAULT_TILES = 92;
export const DEFAULT_SEED = 1;
const EXTENSIONS = ['.png', '.svg'];

/** What a map shows, and where it goes. */
export interface PlotOptions {
  /** File to write, by its extension PNG or SVG; default: none. */
  output?: string;
  /** Kind of `image` where there is no `output`; default: png. */
  format?: 'png' | 'svg';
  /** The most tiles to draw, the first in Z-order from the north-west; default: 92. */
  tiles?: number;
  /** What colours stand for; default: random, one for each tile. */
  color?: PlotColor;
  /** Of the random colours, any safe integer; default: 1. The same seed gives the same picture. */
  seed?: number;
  /** Whether to draw borders and names of tiles; default: true. */
  grid?: boolean;
}

/** @throws TilewrightError `usage` */
export function checkOptions(
  options: PlotOptions,
): Required<Omit<PlotOptions, 'output'>> & { output: string | undefined } {
  const { output, tiles = DEFAULT_TILES, color = 'random', grid = true } = options;
  const { seed = DEFAULT_SEED } = options;
  if (!(Number.isInteger(tiles) && tiles > 0) && tiles !== Number.POSITIVE_INFINITY) {
    throw new TilewrightError('usage', `tiles must be a whole number ≥ 1, not ${tiles}`);
  }
  if (!Number.isSafeInteger(seed)) {
    throw new TilewrightError('usage', `seed must be a whole number, not ${seed}`);
  }
  if (!PLOT_COLORS.includes(color)) {
    throw new TilewrightError('usage', `color must be ${PLOT_COLORS.join(' or ')}, not ${color}`);
  }
  return { output, format: formatOf(options), tiles, color, seed, grid };
}

/** @throws TilewrightError `usage` for a file that is to be neither PNG nor SVG */
export function formatOf(options: Pick<PlotOptions, 'output' | 'format'>): 'png' | 'svg' {
  const { output, format } = options;
  if (output === undefined) return format ?? 'png';
  const extension = extname(output).toLowerCase();
  if (EXTENSIONS.includes(extension)) return extension.slice(1) as 'png' | 'svg';
  const what = extension === '' ? 'no extension' : `the extension ${extension}`;
  throw new TilewrightError(
    'usage',
    `${output} has ${what}: a map is written as ${EXTENSIONS.join(' or ')}`,
  );
}
