/** `tilewright plot`: a map of what is staged. */

import { TilewrightError } from '../../core/errors.ts';
import { plotTiles } from '../../plot/plot-tiles.ts';
import { TileStager } from '../../staging/tile-stager.ts';
import { type PlotCommand, STANDARD_OUTPUT } from '../arguments/plot-arguments.ts';
import { rawWriter } from '../output.ts';

export async function plotCommand({ folder, ...options }: PlotCommand): Promise<number> {
  const { output, format, tiles, seed, color, grid } = options;
  const toStandard = output === STANDARD_OUTPUT;
  if (toStandard && format === 'png' && process.stdout.isTTY) {
    throw new TilewrightError(
      'usage',
      'A PNG is nothing for a terminal: send it on, as in tilewright plot DIR -o - > tiles.png',
    );
  }
  const stager = new TileStager({ dirStaged: folder });
  const place = toStandard ? { format } : { output };
  const plot = await plotTiles(stager, { ...place, tiles, seed, color, grid });
  const { title, width, height, tilesTotal } = plot;
  // Beside the picture nothing else may be on standard output.
  const words = toStandard ? process.stderr : process.stdout;
  if (toStandard) rawWriter(process.stdout)(plot.image);
  words.write(
    `${toStandard ? 'standard output' : output}: ${title}, ${width} × ${height} pixels\n`,
  );
  if (plot.tiles < tilesTotal) words.write('Draw all of them with --tiles all.\n');
  return 0;
}
