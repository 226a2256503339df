/** Draws into dots, for a PNG. */

import type { FeatureBatch } from '../geometry/batch.ts';
import { Coverage, Mask, ringArea } from '../raster/coverage.ts';
import { channels, darker } from './color.ts';
import {
  type Box,
  DOTS,
  type Drawing,
  FILL_OPACITY,
  HALO,
  HALO_OPACITY,
  OUTLINE_WIDTH,
  OUTLINED,
  type PlacedText,
  type ShapePainter,
  thinned,
} from './drawing.ts';
import { ASCENT, DESCENT, textOutlines, textWidth } from './lettering.ts';
import { encodeRgb } from './png.ts';

/** 96 pixels per inch, as in CSS. */
const DOTS_PER_METER = Math.round((96 * DOTS) / 0.0254);
/** Vertices of outlines that are nearer to the one before are left out; in dots. */
const THIN = 0.7;
/** Large features are drawn one by one until their bounds add up to so many dots. */
const MOST_UNION_DOTS = 5e8;

/** @param width - of the page in pixels, as `height` */
export function pngDrawing(width: number, height: number): Drawing {
  return new PngDrawing(Math.round(width * DOTS), Math.round(height * DOTS));
}

class PngDrawing implements Drawing {
  readonly #width: number;
  readonly #height: number;
  readonly #rgb: Uint8ClampedArray;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    this.#rgb = new Uint8ClampedArray(3 * width * height).fill(255);
  }

  fill(box: Box, color: string, opacity = 1): void {
    const { mask, x, y } = cover(box, (coverage, left, top) => {
      const middle = top + (box.height * DOTS) / 2;
      coverage.addLine(left, middle, left + box.width * DOTS, middle, box.height * DOTS);
    });
    this.paint(mask, x, y, color, opacity);
  }

  frames(boxes: readonly Box[], color: string, width: number, opacity = 1): void {
    const coverage = new Coverage(this.#width, this.#height);
    const mask = new Mask(this.#width, this.#height);
    const thick = width * DOTS;
    const half = thick / 2;
    for (const box of boxes) {
      const [left, top] = [box.x * DOTS, box.y * DOTS];
      const [right, bottom] = [left + box.width * DOTS, top + box.height * DOTS];
      for (const y of [top, bottom]) coverage.addLine(left - half, y, right + half, y, thick);
      for (const x of [left, right]) coverage.addLine(x, top + half, x, bottom - half, thick);
      coverage.settle(mask, 'union');
    }
    this.paint(mask, 0, 0, color, opacity);
  }

  text({ text, x, y, size, color, halo }: PlacedText): void {
    const margin = HALO + 1;
    const box: Box = {
      x: x - margin - 0.2 * size,
      y: y - (ASCENT + 0.2) * size - margin,
      width: textWidth(text, size) + 2 * margin + 0.4 * size,
      height: (ASCENT + 0.2 + DESCENT) * size + 2 * margin,
    };
    const letters = cover(box, (coverage, left, top) => {
      const [penX, baseline] = [left + (x - box.x) * DOTS, top + (y - box.y) * DOTS];
      for (const ring of textOutlines(text, penX, baseline, size * DOTS)) {
        coverage.addRing(ring, 0, ring.length / 2, 1);
      }
    });
    if (halo !== undefined) {
      this.paint(dilated(letters.mask, HALO * DOTS), letters.x, letters.y, halo, HALO_OPACITY);
    }
    this.paint(letters.mask, letters.x, letters.y, color, 1);
  }

  shapes(clip: Box): ShapePainter {
    return new PngShapes(this, clip);
  }

  finish(): Uint8Array {
    const bytes = new Uint8Array(this.#rgb.buffer);
    return encodeRgb(bytes, this.#width, this.#height, DOTS_PER_METER);
  }

  /** Lays a colour over the dots, as far as the mask covers them. */
  paint(mask: Mask, originX: number, originY: number, color: string, opacity: number): void {
    const rgb = this.#rgb;
    const [red, green, blue] = channels(color);
    const { minX, minY, maxX, maxY } = mask.box;
    const endX = Math.min(maxX, this.#width - originX);
    const endY = Math.min(maxY, this.#height - originY);
    for (let y = Math.max(minY, -originY); y < endY; y++) {
      for (let x = Math.max(minX, -originX); x < endX; x++) {
        const alpha = mask.values[y * mask.width + x]! * opacity;
        if (alpha === 0) continue;
        const at = 3 * ((y + originY) * this.#width + x + originX);
        rgb[at] = rgb[at]! + (red - rgb[at]!) * alpha;
        rgb[at + 1] = rgb[at + 1]! + (green - rgb[at + 1]!) * alpha;
        rgb[at + 2] = rgb[at + 2]! + (blue - rgb[at + 2]!) * alpha;
      }
    }
  }
}

class PngShapes implements ShapePainter {
  readonly #drawing: PngDrawing;
  readonly #originX: number;
  readonly #originY: number;
  readonly #small: Coverage;
  /** For one large feature, or for its outline. */
  readonly #single: Coverage;
  readonly #fill: Mask;
  readonly #outlines: Mask;
  #dotsLeft = MOST_UNION_DOTS;
  #ring = new Float64Array(1024);

  constructor(drawing: PngDrawing, clip: Box) {
    this.#drawing = drawing;
    this.#originX = Math.round(clip.x * DOTS);
    this.#originY = Math.round(clip.y * DOTS);
    const width = Math.round(clip.width * DOTS);
    const height = Math.round(clip.height * DOTS);
    this.#small = new Coverage(width, height);
    this.#single = new Coverage(width, height);
    this.#fill = new Mask(width, height);
    this.#outlines = new Mask(width, height);
  }

  add(batch: FeatureBatch, feature: number, length: number): void {
    const isLarge = length >= OUTLINED && this.#dotsLeft > 0;
    const target = isLarge ? this.#single : this.#small;
    const { xy, ringOffsets, polygonOffsets, featureOffsets } = batch;
    for (let p = featureOffsets[feature]!; p < featureOffsets[feature + 1]!; p++) {
      const shell = polygonOffsets[p]!;
      for (let r = shell; r < polygonOffsets[p + 1]!; r++) {
        const start = ringOffsets[r]!;
        const end = ringOffsets[r + 1]!;
        const turn = ringArea(xy, start, end) > 0 ? -1 : 1;
        target.addRing(xy, start, end, r === shell ? turn : -turn);
      }
    }
    if (!isLarge) return;
    this.#dotsLeft -= Math.min(length, this.#fill.width) * Math.min(length, this.#fill.height);
    this.#single.settle(this.#fill, 'union');
    const firstRing = polygonOffsets[featureOffsets[feature]!]!;
    const endRing = polygonOffsets[featureOffsets[feature + 1]!]!;
    for (let r = firstRing; r < endRing; r++)
      this.#outline(xy, ringOffsets[r]!, ringOffsets[r + 1]!);
    this.#single.settle(this.#outlines, 'union');
  }

  #outline(xy: Float64Array, start: number, end: number): void {
    if (this.#ring.length < 2 * (end - start)) this.#ring = new Float64Array(2 * (end - start));
    const ring = this.#ring;
    const count = thinned(xy, start, end, THIN, ring);
    for (let i = 0, j = count - 1; i < count; j = i++) {
      const [x0, y0, x1, y1] = [ring[2 * j]!, ring[2 * j + 1]!, ring[2 * i]!, ring[2 * i + 1]!];
      this.#single.addLine(x0, y0, x1, y1, OUTLINE_WIDTH * DOTS);
    }
  }

  paint(color: string): void {
    this.#small.settle(this.#fill, 'add');
    this.#drawing.paint(this.#fill, this.#originX, this.#originY, color, FILL_OPACITY);
    this.#fill.clear();
    if (this.#outlines.isEmpty) return;
    this.#drawing.paint(this.#outlines, this.#originX, this.#originY, darker(color), FILL_OPACITY);
    this.#outlines.clear();
  }
}

/**
 * What is added, as a mask of the box.
 * @param add - is told where the box's corner is in the coverage, in dots
 * @returns the mask, and the dot of the page where it begins
 */
function cover(
  box: Box,
  add: (coverage: Coverage, left: number, top: number) => void,
): { mask: Mask; x: number; y: number } {
  const x = Math.floor(box.x * DOTS);
  const y = Math.floor(box.y * DOTS);
  const width = Math.ceil((box.x + box.width) * DOTS) - x;
  const height = Math.ceil((box.y + box.height) * DOTS) - y;
  const coverage = new Coverage(width, height);
  const mask = new Mask(width, height);
  add(coverage, box.x * DOTS - x, box.y * DOTS - y);
  coverage.settle(mask, 'union');
  return { mask, x, y };
}

/** The mask with all that is within `radius` dots of it; what would be outside is cut off. */
function dilated(mask: Mask, radius: number): Mask {
  const wide = new Mask(mask.width, mask.height);
  const reach = Math.ceil(radius);
  const { minX, minY, maxX, maxY } = mask.box;
  wide.box = {
    minX: Math.max(0, minX - reach),
    minY: Math.max(0, minY - reach),
    maxX: Math.min(mask.width, maxX + reach),
    maxY: Math.min(mask.height, maxY + reach),
  };
  for (let y = minY; y < maxY; y++) {
    for (let x = minX; x < maxX; x++) {
      const value = mask.values[y * mask.width + x]!;
      if (value === 0) continue;
      for (let dy = -reach; dy <= reach; dy++) {
        for (let dx = -reach; dx <= reach; dx++) {
          if (dx * dx + dy * dy > radius * radius + 0.5) continue;
          if (x + dx < 0 || x + dx >= mask.width || y + dy < 0 || y + dy >= mask.height) continue;
          const at = (y + dy) * mask.width + x + dx;
          if (wide.values[at]! < value) wide.values[at] = value;
        }
      }
    }
  }
  return wide;
}
