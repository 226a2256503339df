/** Draws a cell's polygons into an image of its own, which is then moved and scaled with the map. */

import { type Cell, DENSITY_PIXELS, UNITS_PER_PIXEL } from '../../shared/cell-format.ts';

export interface PolygonColors {
  fill: string;
  line: string;
  /** Red, green, blue and opacity of ground that is full of what is too small to be drawn singly. */
  dust: readonly [number, number, number, number];
}

/** Polygons of less width and height, in dots, have no outline. */
const OUTLINED = 5;

/** @param scale - dots of a pixel of the cell's level */
export function drawCell(
  cell: Cell,
  width: number,
  height: number,
  scale: number,
  colors: PolygonColors,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  const context = canvas.getContext('2d')!;
  drawDust(context, cell, scale, colors.dust);
  const unit = scale / UNITS_PER_PIXEL;
  context.fillStyle = colors.fill;
  context.strokeStyle = colors.line;
  context.lineJoin = 'round';
  context.lineWidth = Math.max(0.6, Math.min(1.25, scale));
  const { xy, ends, rings } = cell;
  let ring = 0;
  let vertex = 0;
  for (let p = 0; p < cell.polygons; p++) {
    context.beginPath();
    let size = 0;
    for (; ring < rings[p]!; ring++) {
      const end = ends[ring]!;
      const [x0, y0] = [xy[2 * vertex]!, xy[2 * vertex + 1]!];
      context.moveTo(x0 * unit, y0 * unit);
      for (vertex++; vertex < end; vertex++) {
        const [x, y] = [xy[2 * vertex]!, xy[2 * vertex + 1]!];
        size = Math.max(size, Math.abs(x - x0), Math.abs(y - y0));
        context.lineTo(x * unit, y * unit);
      }
      context.closePath();
    }
    context.fill('evenodd');
    if (size * unit >= OUTLINED) context.stroke();
  }
  return canvas;
}

/** What polygons cover that are not drawn singly: squares, the fuller the stronger. */
function drawDust(
  context: CanvasRenderingContext2D,
  { density, densityColumns, densityRows }: Cell,
  scale: number,
  [red, green, blue, opacity]: PolygonColors['dust'],
): void {
  if (densityColumns === 0) return;
  const squares = new ImageData(densityColumns, densityRows);
  for (let k = 0; k < density.length; k++) {
    squares.data.set([red, green, blue, density[k]! * opacity], 4 * k);
  }
  const small = document.createElement('canvas');
  small.width = densityColumns;
  small.height = densityRows;
  small.getContext('2d')!.putImageData(squares, 0, 0);
  const size = DENSITY_PIXELS * scale;
  context.imageSmoothingEnabled = true;
  context.drawImage(small, 0, 0, densityColumns * size, densityRows * size);
}
