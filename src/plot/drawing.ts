/** What maps are drawn with: SVG and PNG have one implementation each. */

import type { FeatureBatch } from '../geometry/batch.ts';

/** In pixels of the page, which count from its top left corner; a PNG has several dots in each. */
export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedText {
  text: string;
  /** Left end and baseline. */
  x: number;
  y: number;
  /** Pixels per em. */
  size: number;
  color: string;
  /** Colour around the letters, for text on a map. */
  halo?: string;
}

/** Dots per pixel of a PNG, and of the parts of an SVG that are too fine for paths. */
export const DOTS = 2;
/** Features that are longer than this are drawn with an outline; in dots. */
export const OUTLINED = 8 * DOTS;
export const OUTLINE_WIDTH = 0.6;
export const FILL_OPACITY = 0.85;
/** Width of the halo around letters, in pixels. */
export const HALO = 1.5;
export const HALO_OPACITY = 0.85;

/** Draws features, clipped to a box. */
export interface ShapePainter {
  /**
   * Adds a feature whose vertices are in dots from the box's top left corner, y downwards.
   * @param length - the longer side of its bounds, in dots
   */
  add(batch: FeatureBatch, feature: number, length: number): void;
  /** Draws what was added since the last call; where features overlap, they don't get darker. */
  paint(color: string): void;
}

/** Later things cover earlier ones. Colours are #rrggbb. */
export interface Drawing {
  fill(box: Box, color: string, opacity?: number): void;
  /** Outlines of boxes, half of their width inside; where they meet, they don't get darker. */
  frames(boxes: readonly Box[], color: string, width: number, opacity?: number): void;
  text(text: PlacedText): void;
  shapes(clip: Box): ShapePainter;
  /**
   * The bytes of the file.
   * @param title - for those who can't see the picture, where the format has a place for it
   */
  finish(title: string): Uint8Array;
}

/**
 * Vertices start ≤ v < end of a ring that are at least `least` from the one before, as x, y in
 * `out`, without the repeated first.
 * @returns how many
 */
export function thinned(
  xy: Float64Array,
  start: number,
  end: number,
  least: number,
  out: Float64Array,
): number {
  let count = 0;
  let lastX = Number.NaN;
  let lastY = Number.NaN;
  const limit = least * least;
  for (let v = start; v < end - 1; v++) {
    const x = xy[2 * v]!;
    const y = xy[2 * v + 1]!;
    // Written so that the first, after NaN, is kept.
    if ((x - lastX) ** 2 + (y - lastY) ** 2 < limit) continue;
    out[2 * count] = x;
    out[2 * count + 1] = y;
    count++;
    lastX = x;
    lastY = y;
  }
  return count;
}
