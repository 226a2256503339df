/** Where the view is, for what is painted. */

import type { Box } from '../../shared/messages.ts';

/** dot = (x − originX) · scaleX, (originY − y) · scaleY */
export interface Frame {
  originX: number;
  originY: number;
  scaleX: number;
  scaleY: number;
  width: number;
  height: number;
  /** What is covered at the lower side. */
  below: number;
  /** Dots of a pixel of the page. */
  ratio: number;
  /** Whether the view is moving: then images are only scaled. */
  isMoving: boolean;
  /** Whether the middle is marked: Enter selects what is there. */
  isMarked: boolean;
}

/** In units of the CRS. */
export function viewOf({ originX, originY, scaleX, scaleY, width, height }: Frame): Box {
  return [originX, originY - height / scaleY, originX + width / scaleX, originY];
}

/** Left, top, width and height in whole dots: neighbours meet without a gap. */
export function place(frame: Frame, box: Box): [number, number, number, number] {
  const left = Math.round((box[0] - frame.originX) * frame.scaleX);
  const right = Math.round((box[2] - frame.originX) * frame.scaleX);
  const top = Math.round((frame.originY - box[3]) * frame.scaleY);
  const bottom = Math.round((frame.originY - box[1]) * frame.scaleY);
  return [left, top, Math.max(1, right - left), Math.max(1, bottom - top)];
}
