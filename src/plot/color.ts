/**
 * Colours of maps. They are made in OKLCH (B. Ottosson, "A perceptual color space for image
 * processing", 2020), where equal steps look equal, and given as #rrggbb.
 */

import { hash32 } from '../core/random.ts';

/** How many colours are tried for a tile, to keep it apart from its neighbours. */
const TRIES = 8;
const HUES = 360;

/** The first inputs of a legend; hues far apart, light and dark in turns. */
const CATEGORIES = [
  [0.62, 0.16, 255],
  [0.72, 0.17, 60],
  [0.6, 0.15, 145],
  [0.6, 0.2, 25],
  [0.55, 0.17, 305],
  [0.75, 0.12, 195],
  [0.68, 0.19, 350],
  [0.8, 0.15, 95],
  [0.48, 0.09, 60],
  [0.44, 0.12, 265],
] as const;
export const CATEGORY_COUNT = CATEGORIES.length;
export const OTHERS = '#9aa3ad';

export function categoryColor(index: number): string {
  const category = CATEGORIES[index];
  return category === undefined ? OTHERS : oklch(category[0], category[1], category[2]);
}

/**
 * The colour of a part 0 ≤ t ≤ 1 of a scale, from light yellow to dark blue. Lightness falls evenly,
 * so the order stays in black and white, and for the colour-blind.
 */
export function rampColor(t: number): string {
  const part = Math.min(1, Math.max(0, t));
  const chroma = 0.15 - 0.03 * part;
  return oklch(0.88 - 0.55 * part, chroma, 102 + 170 * part);
}

/** A darker colour of the same hue, for outlines. */
export function darker(color: string): string {
  return mix(color, '#000000', 0.38);
}

/** `part` of the second colour in the first, 0 to 1. */
export function mix(a: string, b: string, part: number): string {
  const [p, q] = [channels(a), channels(b)];
  return hex(p.map((value, i) => value + (q[i]! - value) * part));
}

/** Red, green and blue of #rrggbb, 0 … 255. */
export function channels(color: string): [number, number, number] {
  const value = Number.parseInt(color.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * A random colour for each tile, in their order. It depends on the seed, the tile, and those of the
 * tiles before it that are its neighbours, from which it is kept apart: a tile keeps its colour when
 * more of the tiles after it are drawn.
 */
export function randomColors(tiles: readonly { x: number; y: number }[], seed: number): string[] {
  // A seed is any safe integer, the hash takes 32 bits.
  const low = seed | 0;
  const mixed = hash32(low, Math.floor(seed / 2 ** 32) | 0, 0);
  const hues = new Map<string, number>();
  return tiles.map(({ x, y }) => {
    const around: number[] = [];
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        const hue = hues.get(`${x + dx}/${y + dy}`);
        if (hue !== undefined) around.push(hue);
      }
    }
    let best = 0;
    let distance = -1;
    for (let k = 0; k < TRIES; k++) {
      const hue = (HUES * hash32(mixed + k, x, y)) / 2 ** 32;
      const nearest = Math.min(180, ...around.map((other) => hueDistance(hue, other)));
      if (nearest > distance) [best, distance] = [hue, nearest];
    }
    hues.set(`${x}/${y}`, best);
    const light = hash32(mixed ^ 0x5bd1e995, x, y) / 2 ** 32;
    return oklch(0.52 + 0.16 * light, 0.16, best);
  });
}

function hueDistance(a: number, b: number): number {
  const difference = Math.abs(a - b) % HUES;
  return Math.min(difference, HUES - difference);
}

/**
 * @param lightness - 0 … 1, @param chroma - 0 … 0.3, @param hue - degrees. Chroma is lowered until
 *   the colour is one of sRGB.
 */
function oklch(lightness: number, chroma: number, hue: number): string {
  const angle = (hue * Math.PI) / 180;
  for (let c = chroma; ; c -= 0.01) {
    const rgb = oklab(lightness, c * Math.cos(angle), c * Math.sin(angle));
    if (!(c > 0) || rgb.every((value) => value >= 0 && value <= 1)) {
      return hex(rgb.map((value) => 255 * value));
    }
  }
}

/** OKLab → sRGB, 0 … 1 for colours that exist there. */
function oklab(lightness: number, a: number, b: number): number[] {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ].map((value) => (value <= 0.0031308 ? 12.92 * value : 1.055 * value ** (1 / 2.4) - 0.055));
}

function hex(rgb: readonly number[]): string {
  const bytes = rgb.map((value) => Math.min(255, Math.max(0, Math.round(value))));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}
