/** Made by scripts/make-docs.ts from plot-schema.ts: change that, and run it. */

/** What a map shows, and where it goes. */
export interface PlotOptions {
  /** The file to write, .png or .svg; one that is there is replaced. Default: none. */
  output?: string | undefined;
  /** Kind of the picture where no file says it. Default: png. */
  format?: 'png' | 'svg' | undefined;
  /** The most tiles to draw: the first in Z-order from the north-west. Default: `92`. */
  tiles?: number | undefined;
  /** What colours stand for: the tile (random), the number or the area of its polygons, the input of a polygon, or whether it is labelled as a duplicate. Default: `"random"`. */
  color?: 'random' | 'count' | 'area' | 'input' | 'duplicated' | undefined;
  /** Whole number that the random colours depend on. Default: `1`. */
  seed?: number | undefined;
  /** Whether to draw borders and names of tiles. Default: `true`. */
  grid?: boolean | undefined;
}
