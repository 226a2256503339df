/** `tilewright plot`: a map of what is staged. */

import { plotTiles } from '../../plot/plot-tiles.ts';
import { TileStager } from '../../staging/tile-stager.ts';
import type { PlotCommand } from '../arguments/plot-arguments.ts';

export async function plotCommand({ folder, ...options }: PlotCommand): Promise<number> {
  const { output, tiles, seed, color, grid } = options;
  const stager = new TileStager({ dirStaged: folder });
  const plot = await plotTiles(stager, { output, tiles, seed, color, grid });
  const { title, width, height, tilesTotal } = plot;
  process.stdout.write(`${output}: ${title}, ${width} × ${height} pixels\n`);
  if (plot.tiles < tilesTotal) process.stdout.write('Draw all of them with --tiles all.\n');
  return 0;
}
