/** Footprints and features for tests of what footprints say. */

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Value } from '../../../src/core/columns.ts';
import { DropCounter } from '../../../src/core/drops.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { createTransform } from '../../../src/crs/transform.ts';
import { openSource } from '../../../src/formats/open.ts';
import { FeatureBatch } from '../../../src/geometry/batch.ts';
import { featureBounds } from '../../../src/geometry/measure.ts';
import {
  FootprintJudge,
  type FootprintVerdict,
} from '../../../src/overlap/footprints/footprint-judge.ts';
import {
  type FootprintOptions,
  type MadeFootprints,
  makeFootprints,
} from '../../../src/staging/judging/footprints/make-footprints.ts';
import { getTileMatrixSet } from '../../../src/tms/registry.ts';
import { multiPolygonWkb } from '../support.ts';
import { writeGeoPackage } from '../write-geopackage.ts';

/** Polygons → rings → vertices. */
export type Parts = readonly (readonly (readonly [number, number])[])[][];

export interface FootprintRow {
  parts: Parts;
  values?: Value[];
}

export const OPTIONS: Omit<FootprintOptions, 'footprints'> = {
  footprintExtensions: ['.gpkg'],
  overlaps: true,
  keepRules: [],
  clip: null,
  missingFootprints: 'fail',
  inputCrs: null,
  grids: null,
  allowBallpark: false,
  tms: getTileMatrixSet('WGS1984Quad'),
  z: 11,
};

/** Writes footprints as a GeoPackage below the folder. */
export function writeFootprint(
  folder: string,
  name: string,
  rows: readonly FootprintRow[],
  { srsId = 3413, columns = [] as { name: string; type: string }[], layer = 'footprint' } = {},
): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeGeoPackage(path, {
    layer,
    srsId,
    columns,
    geometryType: 'MULTIPOLYGON',
    rows: rows.map(({ parts, values = [] }) => ({ wkb: multiPolygonWkb(parts), values })),
  });
  return path;
}

export function box(x1: number, y1: number, x2: number, y2: number): [number, number][] {
  return [
    [x1, y1],
    [x2, y1],
    [x2, y2],
    [x1, y2],
    [x1, y1],
  ];
}

/** An input as the journal has it, as far as footprints ask. */
export function stagedInput(name: string, crs: string | undefined = 'EPSG:3413') {
  const [file] = name.split('#');
  const statistics = { rowsRead: 1, featuresStaged: 1, rows: 1, droppedM: 0, drops: {} };
  return { name, file: file!, crs, statistics };
}

/** The judge of these inputs. @param folder - where its file may be written */
export async function judgeOf(
  inputs: readonly ReturnType<typeof stagedInput>[],
  folder: string,
  options: Partial<FootprintOptions>,
): Promise<MadeFootprints & { judge: FootprintJudge }> {
  const footprints = join(folder, 'footprints');
  const path = join(folder, 'made');
  const made = await makeFootprints(inputs, path, { ...OPTIONS, footprints, ...options });
  return { ...made, judge: new FootprintJudge(made.data) };
}

/** The verdict on a polygon; with what its box says, where that says something. */
export function verdictOn(judge: FootprintJudge, input: string, parts: Parts): FootprintVerdict {
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  for (const rings of parts) {
    batch.beginPolygon();
    for (const ring of rings) {
      batch.beginRing();
      batch.reserveVertices(ring.length);
      batch.xy.set(ring.flat(), 2 * batch.vertexCount);
      batch.vertexCount += ring.length;
      batch.endRing();
    }
    batch.endPolygon();
  }
  batch.endFeature();
  return verdictOf(judge, input, batch, 0);
}

export function verdictOf(
  judge: FootprintJudge,
  input: string,
  batch: FeatureBatch,
  i: number,
): FootprintVerdict {
  const bounds = new Float64Array(4);
  featureBounds(batch, i, bounds, 0);
  const [minX, minY, maxX, maxY] = [...bounds].map((n) => n + 0) as [
    number,
    number,
    number,
    number,
  ];
  const verdict = judge.of(input, batch, i);
  // Of a box that is a little larger, as an R-tree has it.
  for (const more of [0, 1e-7]) {
    const ofBox = judge.ofBox(input, minX - more, minY - more, maxX + more, maxY + more);
    if (ofBox !== null && ofBox !== verdict) {
      throw new Error(`the box says ${ofBox}, the geometry ${verdict}`);
    }
  }
  return verdict;
}

/** All features of a file's only layer in the CRS of the tiles, in one batch. */
export async function featuresIn(path: string, tilesCrs = 'EPSG:4326'): Promise<FeatureBatch> {
  const source = await openSource(path);
  const [layer] = await source.layers();
  const batch = new FeatureBatch();
  const notes = { rowsRead: 0, droppedM: 0 };
  const options = { maxFeatures: Infinity, maxVertices: Infinity, drops: new DropCounter(), notes };
  for await (const _ of source.read(
    layer!.name,
    { start: -Infinity, end: Infinity },
    batch,
    options,
  )) {
    // All of it is one batch.
  }
  await source.close();
  const [authority, code] = tilesCrs.split(':');
  const target = resolveCrs({ authority: authority!, code: code! });
  createTransform(resolveCrs(layer!.crs!), target).apply(batch.xy, 0, batch.vertexCount);
  return batch;
}
