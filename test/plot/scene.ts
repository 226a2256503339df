/** A small scene of odd shapes, staged into any TileMatrixSet; and SVGs read back as boxes. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { TileStager } from '../../src/index.ts';
import { multiPolygonWkb, polygonWkb, type Ring, randomPolygons } from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';

const COLUMNS = [{ name: 'kind', type: 'TEXT' }];
/** Metres of EPSG:3413, on the coast of Alaska. */
export const RING = { x: -2_000_000, y: 500_000, outer: 40_000, inner: 20_000 };

function circle(x: number, y: number, radius: number): Ring {
  const ring = Array.from({ length: 36 }, (_, k) => {
    const angle = (2 * Math.PI * k) / 36;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
  return [...ring, ring[0]!];
}

/**
 * Writes two inputs, one with a name that is hard on SVG and fonts, and stages them.
 * @param many - small polygons besides the large ones
 * @param radius - theirs, in metres
 */
export async function stageScene(
  folder: string,
  tms: string,
  z: number,
  many = 60,
  radius = 5000,
): Promise<TileStager> {
  const input = join(folder, 'input');
  mkdirSync(input, { recursive: true });
  const { x, y, outer, inner } = RING;
  const bow = [
    [x + 100_000, y],
    [x + 160_000, y + 60_000],
    [x + 100_000, y + 60_000],
    [x + 160_000, y],
    [x + 100_000, y],
  ];
  const odd = [
    polygonWkb([circle(x, y, outer), circle(x, y, inner)]),
    multiPolygonWkb([[circle(x, y + 90_000, 15_000)], [circle(x + 50_000, y + 90_000, 10_000)]]),
    polygonWkb([bow]),
  ];
  writeGeoPackage(join(input, 'a & <b>.gpkg'), {
    layer: 'odd',
    srsId: 3413,
    columns: COLUMNS,
    geometryType: 'GEOMETRY',
    rows: odd.map((wkb) => ({ wkb, values: ['odd'] })),
  });
  const box = { minX: x - 50_000, minY: y - 50_000, maxX: x + 170_000, maxY: y + 100_000 };
  writeGeoPackage(join(input, 'клинья.gpkg'), {
    layer: 'small',
    srsId: 3413,
    columns: COLUMNS,
    rows: randomPolygons(5, many, box, radius).map((ring) => ({
      wkb: polygonWkb([ring]),
      values: ['small'],
    })),
  });
  const stager = new TileStager({
    dirInput: input,
    dirStaged: join(folder, tms),
    tmsId: tms,
    zRange: [0, z],
    executor: 'inline',
  });
  await stager.stageAll();
  return stager;
}

export interface SvgBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface SvgText extends SvgBox {
  text: string;
  /** Whether it has a halo, as names of tiles have. */
  onMap: boolean;
}

export interface SvgParts {
  width: number;
  height: number;
  texts: SvgText[];
  rects: SvgBox[];
  /** Borders of tiles, then the map's frame. */
  frames: SvgBox[];
}

/** Texts take from 0.78 em above the baseline to 0.24 em below it, and are as wide as they say. */
export function readSvg(svg: string): SvgParts {
  const [width, height] = /viewBox="0 0 (\S+) (\S+)"/.exec(svg)!.slice(1).map(Number);
  const attributes = (tag: string): Record<string, string> =>
    Object.fromEntries(
      [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name!, value!]),
    );
  const texts = [...svg.matchAll(/<text ([^>]*)>([^<]*)<\/text>/g)].map(([, tag, text]) => {
    const { x, y, 'font-size': size, textLength, stroke } = attributes(tag!);
    return {
      text: text!,
      x: Number(x),
      y: Number(y) - 0.78 * Number(size),
      width: Number(textLength),
      height: 1.02 * Number(size),
      onMap: stroke !== undefined,
    };
  });
  const rects = [...svg.matchAll(/<rect ([^>]*)\/>/g)].map(([, tag]) => {
    const { x = '0', y = '0', width: w, height: h } = attributes(tag!);
    return { x: Number(x), y: Number(y), width: Number(w), height: Number(h) };
  });
  const frames = [...svg.matchAll(/<path d="([^"]*)" fill="none"/g)].flatMap(([, path]) =>
    [...path!.matchAll(/M(\S+) (\S+?)h(\S+?)v(\S+?)h[^z]*z/g)].map((match) => {
      const [x, y, w, h] = match.slice(1).map(Number) as [number, number, number, number];
      return { x, y, width: w, height: h };
    }),
  );
  return { width: width!, height: height!, texts, rects, frames };
}
