/** Options of maps: the schema that checks them, of which their type is made, and their kind of picture. */

import { extname } from 'node:path';
import { z } from 'zod';
import type { PlotOptions } from './plot-options.ts';

const FORMATS = ['png', 'svg'] as const;
export type PictureFormat = (typeof FORMATS)[number];
const PLOT_COLORS = ['random', 'count', 'area', 'input', 'duplicated'] as const;
/** What colours stand for. */
export type PlotColor = (typeof PLOT_COLORS)[number];

export const plotSchema = z
  .strictObject({
    output: z.string().min(1).optional().meta({
      description: 'The file to write, .png or .svg; one that is there is replaced.',
      expects: 'the path of a file',
      unset: 'none',
    }),
    format: z
      .enum(FORMATS)
      .optional()
      .meta({
        description: 'Kind of the picture where no file says it.',
        expects: FORMATS.join(' or '),
        unset: 'png',
      }),
    tiles: z
      .union([z.int().positive(), z.literal(Number.POSITIVE_INFINITY)])
      // As many as the notebook of the Python pipeline draws.
      .default(92)
      .meta({
        description: 'The most tiles to draw: the first in Z-order from the north-west.',
        expects: 'a whole number ≥ 1 or Infinity',
      }),
    color: z
      .enum(PLOT_COLORS)
      .default('random')
      .meta({
        description:
          'What colours stand for: the tile (random), the number or the area of its polygons, the ' +
          'input of a polygon, or whether it is labelled as a duplicate.',
        expects: PLOT_COLORS.join(' or '),
      }),
    seed: z.int().default(1).meta({
      description: 'Whole number that the random colours depend on.',
      expects: 'a whole number',
    }),
    grid: z.boolean().default(true).meta({
      description: 'Whether to draw borders and names of tiles.',
      expects: 'true or false',
    }),
  })
  .superRefine(({ output, format }, { addIssue }) => {
    const own = output === undefined ? format : extensionOf(output);
    if (output === undefined || (own === format && own !== undefined)) return;
    if (own === undefined) {
      const extension = extname(output);
      const what = extension === '' ? 'no extension' : `the extension ${extension.toLowerCase()}`;
      addIssue(
        `${output} has ${what}: a map is written as ${FORMATS.map((each) => `.${each}`).join(' or ')}`,
      );
    } else if (format !== undefined) {
      addIssue(`The format ${format} does not go with ${output}: its extension says what it is`);
    }
  });

/** Of the picture that these options, which are checked, are for. */
export function formatOf({
  output,
  format,
}: Pick<PlotOptions, 'output' | 'format'>): PictureFormat {
  return (output === undefined ? format : extensionOf(output)) ?? 'png';
}

function extensionOf(output: string): PictureFormat | undefined {
  return FORMATS.find((format) => extname(output).toLowerCase() === `.${format}`);
}
