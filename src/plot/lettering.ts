/**
 * Text of maps: how wide it is, and its outlines. Widths are those of the outlines that the project
 * brings along, so that labels fit and PNGs are the same on every machine, whatever its fonts.
 */

import { GLYPHS } from './glyphs.ts';

/** Font units per em. */
const EM = 1024;
/** Highest and lowest part of any letter, in parts of the size: accents and brackets reach further. */
export const ASCENT = 0.78;
export const DESCENT = 0.24;
/** Straight pieces of a curve: it is off by less than 1/50 of a pixel at 20 pixels per em. */
const PIECES = 5;
const ELLIPSIS = '…';
/** An empty box, for what the font has not. */
const UNKNOWN = { advance: 614, path: 'M77 0l0-717l460 0l0 717l-460 0M128-51l358 0l0-615l-358 0' };

interface Glyph {
  /** Width, in font units. */
  advance: number;
  path: string;
}

let glyphs: Map<string, Glyph> | undefined;

function glyphOf(character: string): Glyph {
  glyphs ??= new Map(
    GLYPHS.slice(1, -1)
      .split('\n')
      .map((line) => {
        const [advance, path] = line.slice(1).split(/ (.*)/) as [string, string?];
        return [line[0]!, { advance: Number(advance), path: path ?? '' }];
      }),
  );
  return glyphs.get(character) ?? glyphs.get(character.normalize('NFD')[0]!) ?? UNKNOWN;
}

/** Width of a line of text, in the unit of `size` (pixels per em). */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += glyphOf(character).advance;
  return (width * size) / EM;
}

/** The text, or as much of its beginning and end as fits `width`, with an ellipsis between. */
export function shorten(text: string, size: number, width: number): string {
  if (textWidth(text, size) <= width) return text;
  const characters = [...text];
  for (let kept = characters.length - 1; kept > 0; kept--) {
    const begin = Math.ceil(kept / 2);
    const end = characters.slice(characters.length - (kept - begin));
    const short = [...characters.slice(0, begin), ELLIPSIS, ...(kept === begin ? [] : end)].join(
      '',
    );
    if (textWidth(short, size) <= width) return short;
  }
  return ELLIPSIS;
}

/**
 * Outlines of a line of text as closed rings of interleaved x, y, y downwards, without the repeated
 * first vertex. Rings around letters and around their holes turn in opposite ways.
 * @param x - left end, @param y - baseline
 */
export function textOutlines(text: string, x: number, y: number, size: number): Float64Array[] {
  const scale = size / EM;
  const rings: Float64Array[] = [];
  let pen = x;
  for (const character of text) {
    const { advance, path } = glyphOf(character);
    for (const contour of path.split('M').slice(1)) {
      rings.push(Float64Array.from(flatten(contour), (n, i) => (i & 1 ? y : pen) + n * scale));
    }
    pen += advance * scale;
  }
  return rings;
}

/** Vertices of one contour, curves cut into pieces. */
function flatten(contour: string): number[] {
  const out: number[] = [];
  let x = 0;
  let y = 0;
  for (const [, letter, list] of contour.matchAll(/(^|[lq])([-\d ]+)/g)) {
    const [a, b, c = 0, d = 0] = (list!.match(/-?\d+/g) ?? []).map(Number) as [
      number,
      number,
      number?,
      number?,
    ];
    if (letter === 'q') {
      for (let k = 1; k <= PIECES; k++) {
        const t = k / PIECES;
        // B(t) = 2 t (1 − t) P1 + t² P2, from P0 = 0.
        const u = 2 * t * (1 - t);
        out.push(x + u * a + t * t * c, y + u * b + t * t * d);
      }
      x += c;
      y += d;
    } else {
      x += a;
      y += b;
      out.push(x, y);
    }
  }
  return out;
}
