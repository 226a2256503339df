/**
 * Writes src/plot/glyphs.ts: outlines and widths of the characters that maps are labelled with, so
 * that a PNG has the same text on every machine, also on one without fonts.
 * `node scripts/make-font.ts DejaVuSansCondensed.ttf`; tables as in the OpenType
 * specification 1.9.1 (cmap, glyf, head, hhea, hmtx, loca).
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const OUTPUT = join(import.meta.dirname, '../src/plot/glyphs.ts');
/** Units per em of the output. */
const EM = 1024;
/** ASCII, Latin-1, Cyrillic, and some of the general punctuation; ends are inclusive. */
const RANGES = [
  [0x20, 0x7e],
  [0xa1, 0xff],
  [0x401, 0x401],
  [0x410, 0x44f],
  [0x451, 0x451],
  [0x2013, 0x2014],
  [0x2018, 0x201d],
  [0x2022, 0x2022],
  [0x2026, 0x2026],
  [0x2212, 0x2212],
] as const;

interface Point {
  x: number;
  y: number;
  on: boolean;
}

const [fontPath] = process.argv.slice(2);
if (fontPath === undefined) throw new Error('Usage: node scripts/make-font.ts FONT.ttf');
const file = readFileSync(fontPath);
const tables = new Map<string, number>();
for (let i = 0, at = 12; i < file.readUInt16BE(4); i++, at += 16) {
  tables.set(file.toString('latin1', at, at + 4), file.readUInt32BE(at + 8));
}
const head = tables.get('head')!;
const glyf = tables.get('glyf')!;
const loca = tables.get('loca')!;
const hmtx = tables.get('hmtx')!;
const scale = EM / file.readUInt16BE(head + 18);
const longOffsets = file.readInt16BE(head + 50) === 1;
const metrics = file.readUInt16BE(tables.get('hhea')! + 34);
const lookUp = readCmap();

const lines: string[] = [];
for (const [first, last] of RANGES) {
  for (let code = first; code <= last; code++) {
    const glyph = lookUp(code);
    if (glyph === 0) continue;
    const at = hmtx + 4 * Math.min(glyph, metrics - 1);
    const advance = Math.round(file.readUInt16BE(at) * scale);
    const character = String.fromCodePoint(code);
    lines.push(`${character}${advance} ${contours(glyph).map(pathOf).join('')}`.trimEnd());
  }
}
const old = readFileSync(OUTPUT, 'utf8');
const text = lines.join('\n').replace(/[\\`]/g, '\\$&');
const start = old.indexOf('GLYPHS: string = `');
writeFileSync(OUTPUT, `${old.slice(0, start)}GLYPHS: string = \`\n${text}\n\`;\n`);
console.log(`${OUTPUT}: ${lines.length} characters`);

/** Character code → glyph, from the format-4 subtable for Unicode. */
function readCmap(): (code: number) => number {
  const cmap = tables.get('cmap')!;
  for (let i = 0; i < file.readUInt16BE(cmap + 2); i++) {
    const at = cmap + file.readUInt32BE(cmap + 8 + 8 * i);
    if (file.readUInt16BE(at) !== 4) continue;
    const twice = file.readUInt16BE(at + 6);
    return (code) => {
      for (let k = 0; k < twice; k += 2) {
        if (file.readUInt16BE(at + 14 + k) < code) continue;
        const start = file.readUInt16BE(at + 16 + twice + k);
        if (start > code) return 0;
        const delta = file.readUInt16BE(at + 16 + 2 * twice + k);
        const place = at + 16 + 3 * twice + k;
        const offset = file.readUInt16BE(place);
        if (offset === 0) return (code + delta) & 0xffff;
        const glyph = file.readUInt16BE(place + offset + 2 * (code - start));
        return glyph === 0 ? 0 : (glyph + delta) & 0xffff;
      }
      return 0;
    };
  }
  throw new Error('The font has no cmap of format 4');
}

function contours(glyph: number): Point[][] {
  const offset = (g: number): number =>
    longOffsets ? file.readUInt32BE(loca + 4 * g) : 2 * file.readUInt16BE(loca + 2 * g);
  if (offset(glyph) === offset(glyph + 1)) return [];
  const at = glyf + offset(glyph);
  const count = file.readInt16BE(at);
  return count < 0 ? composite(at + 10) : simple(at + 10, count);
}

function composite(at: number): Point[][] {
  const all: Point[][] = [];
  for (;;) {
    const flags = file.readUInt16BE(at);
    const glyph = file.readUInt16BE(at + 2);
    const words = (flags & 1) !== 0;
    if ((flags & 2) === 0) throw new Error('Parts that are placed by points are not handled');
    const dx = words ? file.readInt16BE(at + 4) : file.readInt8(at + 4);
    const dy = words ? file.readInt16BE(at + 6) : file.readInt8(at + 5);
    at += words ? 8 : 6;
    const matrix = [1, 0, 0, 1];
    const f2dot14 = (): number => {
      at += 2;
      return file.readInt16BE(at - 2) / 16384;
    };
    if ((flags & 8) !== 0) matrix[0] = matrix[3] = f2dot14();
    else if ((flags & 0x40) !== 0) [matrix[0], matrix[3]] = [f2dot14(), f2dot14()];
    else if ((flags & 0x80) !== 0) for (let k = 0; k < 4; k++) matrix[k] = f2dot14();
    const [a, b, c, d] = matrix as [number, number, number, number];
    for (const contour of contours(glyph)) {
      all.push(
        contour.map(({ x, y, on }) => ({ x: a * x + c * y + dx, y: b * x + d * y + dy, on })),
      );
    }
    if ((flags & 0x20) === 0) return all;
  }
}

function simple(at: number, count: number): Point[][] {
  const ends = Array.from({ length: count }, (_, i) => file.readUInt16BE(at + 2 * i));
  at += 2 * count;
  at += 2 + file.readUInt16BE(at);
  const points = ends.at(-1)! + 1;
  const flags: number[] = [];
  while (flags.length < points) {
    const flag = file[at++]!;
    const times = (flag & 8) === 0 ? 1 : file[at++]! + 1;
    for (let k = 0; k < times; k++) flags.push(flag);
  }
  const coordinates = (short: number, same: number): number[] => {
    let value = 0;
    return flags.map((flag) => {
      if ((flag & short) !== 0) value += (flag & same) === 0 ? -file[at++]! : file[at++]!;
      else if ((flag & same) === 0) {
        value += file.readInt16BE(at);
        at += 2;
      }
      return value;
    });
  };
  const xs = coordinates(2, 16);
  const ys = coordinates(4, 32);
  const all = flags.map((flag, i) => ({ x: xs[i]!, y: ys[i]!, on: (flag & 1) === 1 }));
  return ends.map((end, i) => all.slice(i === 0 ? 0 : ends[i - 1]! + 1, end + 1));
}

/** A contour as an SVG path, y downwards: M, then l and q with relative numbers. */
function pathOf(contour: Point[]): string {
  const full: Point[] = [];
  for (const [i, point] of contour.entries()) {
    const before = contour[(i + contour.length - 1) % contour.length]!;
    if (!point.on && !before.on) {
      full.push({ x: (point.x + before.x) / 2, y: (point.y + before.y) / 2, on: true });
    }
    full.push(point);
  }
  const start = full.findIndex(({ on }) => on);
  const ring = [...full.slice(start), ...full.slice(0, start + 1)].map(({ x, y, on }) => ({
    x: Math.round(x * scale),
    y: Math.round(-y * scale),
    on,
  }));
  let { x, y } = ring[0]!;
  let path = `M${pair(x, y)}`;
  for (let i = 1; i < ring.length; i++) {
    const point = ring[i]!;
    if (point.on) {
      path += `l${pair(point.x - x, point.y - y)}`;
      ({ x, y } = point);
    } else {
      const end = ring[++i]!;
      path += `q${pair(point.x - x, point.y - y)}${end.x - x < 0 ? '' : ' '}${pair(end.x - x, end.y - y)}`;
      ({ x, y } = end);
    }
  }
  return path;
}

function pair(x: number, y: number): string {
  return `${x}${y < 0 ? '' : ' '}${y}`;
}
