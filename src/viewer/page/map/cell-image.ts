/** Draws a cell's polygons into an image of its own, which is then moved and scaled with the map. */

import { type Cell, DENSITY_PIXELS, UNITS_PER_PIXEL } from '../../shared/cell-format.ts';

export interface PolygonColors {
  fill: string;
  line: string;
  /** Red, green, blue and opacity of ground that is full of what is too small to be drawn singly. */
  dust: readonly [number, number, number, number];
}

/** How polygons are painted. */
export interface PolygonPaint {
  /** Another text where something of it is different. */
  key: string;
  plain: PolygonColors;
  /** Of polygons and then of the squares of the shading; null: all are plain. */
  colorsOf: ((cell: Cell) => Uint8Array) | null;
  palette: readonly PolygonColors[];
}

/** Polygons of less width and height, in dots, have no outline. */
const OUTLINED = 5;

/** @param scaleX, scaleY - dots of a pixel of the cell's level */
export function drawCell(
  cell: Cell,
  width: number,
  height: number,
  scaleX: number,
  scaleY: number,
  paint: PolygonPaint,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, width);
  canvas.height = Math.max(1, height);
  const context = canvas.getContext('2d')!;
  const { plain, palette } = paint;
  const numbers = paint.colorsOf?.(cell) ?? null;
  drawDust(context, cell, scaleX, scaleY, (square) =>
    numbers === null ? plain.dust : palette[numbers[cell.polygons + square]!]!.dust,
  );
  const unitX = scaleX / UNITS_PER_PIXEL;
  const unitY = scaleY / UNITS_PER_PIXEL;
  context.fillStyle = plain.fill;
  context.strokeStyle = plain.line;
  context.lineJoin = 'round';
  context.lineWidth = Math.max(0.6, Math.min(1.25, scaleY));
  let color = -1;
  const { xy, ends, rings } = cell;
  let ring = 0;
  let vertex = 0;
  for (let p = 0; p < cell.polygons; p++) {
    if (numbers !== null && numbers[p] !== color) {
      color = numbers[p]!;
      context.fillStyle = palette[color]!.fill;
      context.strokeStyle = palette[color]!.line;
    }
    context.beginPath();
    let size = 0;
    for (; ring < rings[p]!; ring++) {
      const end = ends[ring]!;
      const [x0, y0] = [xy[2 * vertex]!, xy[2 * vertex + 1]!];
      context.moveTo(x0 * unitX, y0 * unitY);
      for (vertex++; vertex < end; vertex++) {
        const [x, y] = [xy[2 * vertex]!, xy[2 * vertex + 1]!];
        size = Math.max(size, Math.abs(x - x0), Math.abs(y - y0));
        context.lineTo(x * unitX, y * unitY);
      }
      context.closePath();
    }
    context.fill('evenodd');
    if (size * unitY >= OUTLINED) context.stroke();
  }
  return canvas;
}

/** What polygons cover that are not drawn singly: squares, the fuller the stronger. */
function drawDust(
  context: CanvasRenderingContext2D,
  { density, densityColumns, densityRows }: Cell,
  scaleX: number,
  scaleY: number,
  /** Of a square, by its number among those that are not empty. */
  dustOf: (square: number) => PolygonColors['dust'],
): void {
  if (densityColumns === 0) return;
  const squares = new ImageData(densityColumns, densityRows);
  let square = 0;
  for (let k = 0; k < density.length; k++) {
    if (density[k] === 0) continue;
    const [red, green, blue, opacity] = dustOf(square++);
    squares.data.set([red, green, blue, density[k]! * opacity], 4 * k);
  }
  const small = document.createElement('canvas');
  small.width = densityColumns;
  small.height = densityRows;
  small.getContext('2d')!.putImageData(squares, 0, 0);
  context.imageSmoothingEnabled = true;
  context.drawImage(
    small,
    0,
    0,
    densityColumns * DENSITY_PIXELS * scaleX,
    densityRows * DENSITY_PIXELS * scaleY,
  );
}
