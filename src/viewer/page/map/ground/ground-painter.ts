/** Paints coastlines, meridians and parallels, and says at the map's sides which they are. */

import type { Frame } from '../frame.ts';
import type { Piece } from './crs-lines.ts';
import type { Ground } from './ground.ts';

export interface GroundColors {
  coast: string;
  line: string;
  text: string;
}

/** Pixels from the map's sides, or from what covers its lower side, to labels. */
const BESIDE = 12;
/** Width and height of what the buttons for zooming take of the upper right corner. */
const ZOOM = [62, 180] as const;

export function paintGround(
  context: CanvasRenderingContext2D,
  frame: Frame,
  ground: Ground,
  colors: GroundColors,
): void {
  context.lineJoin = 'round';
  context.strokeStyle = colors.line;
  context.lineWidth = 0.8 * frame.ratio;
  context.beginPath();
  for (const { pieces } of ground.lines) for (const piece of pieces) trace(context, frame, piece);
  context.stroke();
  context.strokeStyle = colors.coast;
  context.lineWidth = 1.2 * frame.ratio;
  context.beginPath();
  for (const piece of ground.coasts) trace(context, frame, piece);
  context.stroke();
}

/** The part of a segment that is in view; each time the same one. */
const cut = new Float64Array(4);

/** Adds what is in view of a piece to the path. */
function trace(context: CanvasRenderingContext2D, frame: Frame, { xy, box }: Piece): void {
  const { originX, originY, scaleX, scaleY, width, height } = frame;
  const isOut =
    (box[2] - originX) * scaleX < 0 ||
    (box[0] - originX) * scaleX > width ||
    (originY - box[1]) * scaleY < 0 ||
    (originY - box[3]) * scaleY > height;
  if (isOut) return;
  let [lastX, lastY] = [Number.NaN, Number.NaN];
  let x1 = (xy[0]! - originX) * scaleX;
  let y1 = (originY - xy[1]!) * scaleY;
  for (let k = 2; k < xy.length; k += 2) {
    const x2 = (xy[k]! - originX) * scaleX;
    const y2 = (originY - xy[k + 1]!) * scaleY;
    if (clip(x1, y1, x2, y2, width, height, cut)) {
      if (cut[0] !== lastX || cut[1] !== lastY) context.moveTo(cut[0]!, cut[1]!);
      context.lineTo(cut[2]!, cut[3]!);
      lastX = cut[2]!;
      lastY = cut[3]!;
    }
    x1 = x2;
    y1 = y2;
  }
}

/**
 * Cuts a segment to 0 ≤ x ≤ width, 0 ≤ y ≤ height: canvases know no large numbers. Y.-D. Liang and
 * B. Barsky, A new concept and method for line clipping, ACM Transactions on Graphics 3 (1984), 1–22.
 * @returns whether anything is left
 */
function clip(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  width: number,
  height: number,
  out: Float64Array,
): boolean {
  // Most are whole, or on one side.
  if (x1 >= 0 && x2 >= 0 && x1 <= width && x2 <= width) {
    if (y1 >= 0 && y2 >= 0 && y1 <= height && y2 <= height) {
      out[0] = x1;
      out[1] = y1;
      out[2] = x2;
      out[3] = y2;
      return true;
    }
  }
  if ((x1 < 0 && x2 < 0) || (x1 > width && x2 > width)) return false;
  if ((y1 < 0 && y2 < 0) || (y1 > height && y2 > height)) return false;
  let [from, to] = [0, 1];
  const [dx, dy] = [x2 - x1, y2 - y1];
  for (let side = 0; side < 4; side++) {
    const way = side === 0 ? -dx : side === 1 ? dx : side === 2 ? -dy : dy;
    const room = side === 0 ? x1 : side === 1 ? width - x1 : side === 2 ? y1 : height - y1;
    if (way === 0) {
      if (room < 0) return false;
    } else if (way < 0) from = Math.max(from, room / way);
    else to = Math.min(to, room / way);
  }
  if (from > to) return false;
  out[0] = from === 0 ? x1 : x1 + from * dx;
  out[1] = from === 0 ? y1 : y1 + from * dy;
  out[2] = to === 1 ? x2 : x1 + to * dx;
  out[3] = to === 1 ? y2 : y1 + to * dy;
  return true;
}

/** Writes meridians along the bottom and parallels along the right, or where else there is room. */
export function paintLabels(
  context: CanvasRenderingContext2D,
  frame: Frame,
  ground: Ground,
  colors: GroundColors,
  halo: string,
): void {
  const { width, height, ratio, below } = frame;
  const right = width - BESIDE * ratio;
  const bottom = height - below - BESIDE * ratio;
  const side = BESIDE * ratio;
  const taken: [number, number, number, number][] = [
    [width - ZOOM[0] * ratio, 0, width, ZOOM[1] * ratio],
  ];
  context.font = `${11 * ratio}px system-ui, sans-serif`;
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3 * ratio;
  context.strokeStyle = halo;
  context.fillStyle = colors.text;
  const { widths } = ground;
  for (const { isMeridian, label, pieces } of ground.lines) {
    const key = `${ratio} ${label}`;
    const text = widths.get(key) ?? context.measureText(label).width;
    widths.set(key, text);
    const sides = isMeridian ? [bottom, side, -right, -side] : [-right, -side, bottom, side];
    for (const at of sides) {
      const found = crossing(frame, pieces, Math.abs(at), at > 0);
      if (found === null) continue;
      const x = Math.min(right - text, Math.max(side, found[0] - text / 2));
      const y = Math.min(bottom, Math.max(side, found[1]));
      const gap = 6 * ratio;
      const box = [x - gap, y - gap - 6, x + text + gap, y + gap + 6] as const;
      const isFree = taken.every(
        (other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1],
      );
      if (!isFree) continue;
      taken.push([...box]);
      context.strokeText(label, x, y);
      context.fillText(label, x, y);
      break;
    }
  }
}

/** Where pieces cross a horizontal or upright line of the screen, within the map. */
function crossing(
  { originX, originY, scaleX, scaleY, width, height, ratio, below }: Frame,
  pieces: readonly Piece[],
  at: number,
  isHorizontal: boolean,
): [number, number] | null {
  const low = BESIDE * ratio;
  const high = isHorizontal ? width - low : height - below - low;
  for (const { xy } of pieces) {
    for (let k = 2; k < xy.length; k += 2) {
      const x1 = (xy[k - 2]! - originX) * scaleX;
      const y1 = (originY - xy[k - 1]!) * scaleY;
      const x2 = (xy[k]! - originX) * scaleX;
      const y2 = (originY - xy[k + 1]!) * scaleY;
      const [from, to] = isHorizontal ? [y1, y2] : [x1, x2];
      if (from > at === to > at) continue;
      const part = (at - from) / (to - from);
      const other = isHorizontal ? x1 + part * (x2 - x1) : y1 + part * (y2 - y1);
      if (other >= low && other <= high) return isHorizontal ? [other, at] : [at, other];
    }
  }
  return null;
}
