/** Options of `tilewright plot`. */

import type { z } from 'zod';
import { formatOf, type PictureFormat, plotSchema } from '../../plot/plot-schema.ts';
import { optionsOf, readNumber } from './option.ts';

/** In place of a file: standard output. */
export const STANDARD_OUTPUT = '-';
const DEFAULT_OUTPUT = 'tiles.png';

export interface PlotCommand extends z.output<typeof plotSchema> {
  command: 'plot';
  folder: string;
  output: string;
  format: PictureFormat;
}

export const PLOT_OPTIONS = optionsOf(plotSchema, {
  output: {
    short: 'o',
    argument: 'FILE|-',
    kind: 'file',
    description:
      'The file to write, .png or .svg; one that is there is replaced. A dash is standard output.',
    default: `${DEFAULT_OUTPUT} in the current folder`,
  },
  format: { description: 'Kind of the picture on standard output.' },
  tiles: {
    argument: 'N|all',
    kind: ['all'],
    read: (text) => (text === 'all' ? Number.POSITIVE_INFINITY : readNumber(text)),
    expects: 'a whole number ≥ 1 or all',
  },
  color: {},
  seed: {},
  grid: {
    name: 'no-grid',
    read: () => false,
    description: 'Draw no borders and names of tiles.',
  },
});

/** @param complete - checks the values of the options together */
export function plotValues(
  values: z.input<typeof plotSchema>,
  complete: (values: Record<string, unknown>) => z.output<typeof plotSchema>,
): Omit<PlotCommand, 'command' | 'folder'> {
  const { output = values.format === 'svg' ? 'tiles.svg' : DEFAULT_OUTPUT } = values;
  const options = complete({ ...values, output: output === STANDARD_OUTPUT ? undefined : output });
  return { ...options, output, format: formatOf(options) };
}
