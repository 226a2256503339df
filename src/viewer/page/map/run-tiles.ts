/** Tiles of a run that goes on, over the map: framed when it has come to them, filled when written. */

import type { Box } from '../../shared/messages.ts';
import type { RunTile } from '../../shared/run-tiles-format.ts';

/** @param place - left, top, width and height in dots of the screen */
export function paintRunTiles(
  context: CanvasRenderingContext2D,
  tiles: readonly RunTile[],
  place: (box: Box) => readonly [number, number, number, number],
  { color, ratio }: { color: string; ratio: number },
): void {
  context.fillStyle = color;
  context.strokeStyle = color;
  context.lineWidth = 1.5 * ratio;
  context.beginPath();
  for (const { box, written } of tiles) {
    const [x, y, width, height] = place(box);
    if (x > context.canvas.width || y > context.canvas.height || x + width < 0 || y + height < 0) {
      continue;
    }
    context.globalAlpha = 0.08 + 0.42 * written;
    context.fillRect(x, y, width, height);
    if (width > 4 * ratio) context.rect(x + 0.75, y + 0.75, width - 1.5, height - 1.5);
  }
  context.globalAlpha = 0.75;
  context.stroke();
  context.globalAlpha = 1;
}
