/**
 * Draws an SVG: features as paths, those of a pixel or two as one image per colour, so that its size
 * depends on the map's and not on how many there are. The same calls give the same bytes.
 */

import { markupText } from '../core/printable.ts';
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
import { textWidth } from './lettering.ts';
import { encodeLevels } from './png.ts';

/** Shorter features go into the image; in dots. */
const PATH_LENGTH = 2.5 * DOTS;
/** Vertices of paths that are nearer to the one before are left out; in dots. */
const THIN = 0.7;
/** Numbers in paths are tenths of a pixel. */
const TENTHS = 10;
const TENTHS_PER_DOT = TENTHS / DOTS;
const LEVELS = 15;
/** Much the same widths, in this order; `textLength` takes care of the rest. */
const FONTS = "'DejaVu Sans Condensed', Arial, Helvetica, 'Liberation Sans', sans-serif";

/** @param width - of the page in pixels, as `height` */
export function svgDrawing(width: number, height: number): Drawing {
  return new SvgDrawing(width, height);
}

class SvgDrawing implements Drawing {
  readonly #parts: string[] = [];
  readonly #size: string;

  constructor(width: number, height: number) {
    this.#size = `width="${width}" height="${height}"`;
    this.#parts.push(`<rect ${this.#size} fill="#ffffff"/>`);
  }

  fill({ x, y, width, height }: Box, color: string, opacity = 1): void {
    this.#parts.push(
      `<rect x="${short(x)}" y="${short(y)}" width="${short(width)}" height="${short(height)}" fill="${color}"${opacity === 1 ? '' : ` fill-opacity="${opacity}"`}/>`,
    );
  }

  frames(boxes: readonly Box[], color: string, width: number, opacity = 1): void {
    const path = boxes.map(
      (box) =>
        `M${short(box.x)} ${short(box.y)}h${short(box.width)}v${short(box.height)}h${short(-box.width)}z`,
    );
    this.#parts.push(
      `<path d="${path.join('')}" fill="none" stroke="${color}" stroke-width="${width}" stroke-opacity="${opacity}"/>`,
    );
  }

  text({ text, x, y, size, color, halo }: PlacedText): void {
    const around =
      halo === undefined
        ? ''
        : ` stroke="${halo}" stroke-opacity="${HALO_OPACITY}" stroke-width="${2 * HALO}" stroke-linejoin="round" paint-order="stroke"`;
    this.#parts.push(
      `<text x="${short(x)}" y="${short(y)}" font-size="${size}" fill="${color}" textLength="${short(textWidth(text, size))}" lengthAdjust="spacingAndGlyphs"${around}>${markupText(text)}</text>`,
    );
  }

  shapes(clip: Box): ShapePainter {
    return new SvgShapes(this.#parts, clip);
  }

  finish(title: string): Uint8Array {
    const [width, height] = this.#size.match(/[\d.]+/g)!;
    const parts = [
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" ${this.#size} font-family="${FONTS}" role="img">`,
      `<title>${markupText(title)}</title>`,
      ...this.#parts,
      '</svg>\n',
    ];
    return new TextEncoder().encode(parts.join('\n'));
  }
}

class SvgShapes implements ShapePainter {
  readonly #parts: string[];
  readonly #clip: Box;
  readonly #small: Coverage;
  readonly #mask: Mask;
  #plain: string[] = [];
  #outlined: string[] = [];
  #ring = new Float64Array(1024);

  constructor(parts: string[], clip: Box) {
    this.#parts = parts;
    this.#clip = clip;
    const width = Math.round(clip.width * DOTS);
    const height = Math.round(clip.height * DOTS);
    this.#small = new Coverage(width, height);
    this.#mask = new Mask(width, height);
    parts.push(
      `<clipPath id="map"><rect x="${clip.x}" y="${clip.y}" width="${clip.width}" height="${clip.height}"/></clipPath>`,
    );
  }

  add(batch: FeatureBatch, feature: number, length: number): void {
    const isSmall = length < PATH_LENGTH;
    const { xy, ringOffsets, polygonOffsets, featureOffsets } = batch;
    let path = '';
    for (let p = featureOffsets[feature]!; p < featureOffsets[feature + 1]!; p++) {
      const shell = polygonOffsets[p]!;
      for (let r = shell; r < polygonOffsets[p + 1]!; r++) {
        const start = ringOffsets[r]!;
        const end = ringOffsets[r + 1]!;
        // Holes turn the other way, so that with the rule `nonzero` overlaps stay filled.
        const turn = ringArea(xy, start, end) > 0 === (r === shell) ? -1 : 1;
        if (isSmall) this.#small.addRing(xy, start, end, turn);
        else path += this.#path(xy, start, end, turn);
      }
    }
    // Large ones are apart: a lobe that turns the other way would clear what is below it.
    if (length >= OUTLINED) this.#outlined.push(`<path d="${path}"/>`);
    else this.#plain.push(path);
  }

  /** A ring as relative steps in tenths of a pixel. */
  #path(xy: Float64Array, start: number, end: number, turn: number): string {
    if (this.#ring.length < 2 * (end - start)) this.#ring = new Float64Array(2 * (end - start));
    const ring = this.#ring;
    const count = thinned(xy, start, end, THIN, ring);
    let path = '';
    let lastX = 0;
    let lastY = 0;
    for (let k = 0; k < count; k++) {
      const i = turn < 0 ? k : count - 1 - k;
      const x = Math.round(ring[2 * i]! * TENTHS_PER_DOT);
      const y = Math.round(ring[2 * i + 1]! * TENTHS_PER_DOT);
      const dx = x - lastX;
      const dy = y - lastY;
      if (k === 0) path = `M${x} ${y}l`;
      else if (dx === 0 && dy === 0) continue;
      else path += `${dx < 0 || path.endsWith('l') ? '' : ' '}${dx}${dy < 0 ? '' : ' '}${dy}`;
      lastX = x;
      lastY = y;
    }
    return path.endsWith('l') ? '' : `${path}z`;
  }

  paint(color: string): void {
    this.#small.settle(this.#mask, 'add');
    const image = this.#image(color);
    const plain = this.#plain.join('');
    const outlined = this.#outlined.join('');
    if (image === '' && plain === '' && outlined === '') return;
    this.#parts.push(`<g clip-path="url(#map)" fill="${color}" opacity="${FILL_OPACITY}">`);
    if (image !== '') this.#parts.push(image);
    const { x, y } = this.#clip;
    const place = `transform="translate(${x} ${y}) scale(${1 / TENTHS})"`;
    if (plain !== '') this.#parts.push(`<path ${place} d="${plain}"/>`);
    if (outlined !== '') {
      this.#parts.push(
        `<g ${place} stroke="${darker(color)}" stroke-width="${OUTLINE_WIDTH * TENTHS}" stroke-linejoin="round">${outlined}</g>`,
      );
    }
    this.#parts.push('</g>');
    this.#plain = [];
    this.#outlined = [];
  }

  /** What is small, as an image. */
  #image(color: string): string {
    const { values, width, box } = this.#mask;
    const { minX, minY, maxX, maxY } = box;
    if (this.#mask.isEmpty) return '';
    const columns = maxX - minX;
    const levels = new Uint8Array(columns * (maxY - minY));
    let any = 0;
    for (let y = minY; y < maxY; y++) {
      for (let x = minX; x < maxX; x++) {
        const level = Math.round(values[y * width + x]! * LEVELS);
        levels[(y - minY) * columns + x - minX] = level;
        any |= level;
      }
    }
    this.#mask.clear();
    if (any === 0) return '';
    const png = encodeLevels(levels, columns, maxY - minY, channels(color));
    const x = short(this.#clip.x + minX / DOTS);
    const y = short(this.#clip.y + minY / DOTS);
    const data = Buffer.from(png.buffer).toString('base64');
    return `<image x="${x}" y="${y}" width="${columns / DOTS}" height="${(maxY - minY) / DOTS}" href="data:image/png;base64,${data}"/>`;
  }
}

/** At most two decimals: a hundredth of a pixel can't be seen. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100 || 0);
}
