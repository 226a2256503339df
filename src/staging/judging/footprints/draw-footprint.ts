/** Makes a footprint of an input's features, in its CRS, as a GeoPackage. */

import { linkSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Column } from '../../../core/columns.ts';
import { DropCounter } from '../../../core/drops.ts';
import { TilewrightError } from '../../../core/errors.ts';
import { OutputFile } from '../../../core/files/output-file.ts';
import type { Crs } from '../../../crs/resolve.ts';
import { sameCrs } from '../../../crs/transform.ts';
import { EncodedRow } from '../../../formats/encoded-row.ts';
import { geoPackageTiles } from '../../../formats/geopackage/staged.ts';
import { openSource } from '../../../formats/open.ts';
import type { LayerInfo, VectorSource } from '../../../formats/source.ts';
import { RowWriter } from '../../../formats/sqlite/record.ts';
import { FeatureBatch, MULTI } from '../../../geometry/batch.ts';
import { GEOMETRY_MULTI, GEOMETRY_XY } from '../../../geometry/kind.ts';
import { featureBounds } from '../../../geometry/measure.ts';
import { encodeWkb, wkbLength } from '../../../geometry/wkb.ts';
import { CellUnion, MOST_CELLS } from '../../../overlap/footprints/cell-union.ts';
import { ConvexHull } from '../../../overlap/footprints/convex-hull.ts';
import type { FoundInput } from '../../folder/found-input.ts';
import type { CrsResolver } from '../../inputs/input-crs.ts';
import { stemOf } from './find-footprints.ts';

export interface DrawOptions {
  shape: 'hull' | 'cells';
  /** Of a cell, in the unit of the input's CRS; null: see `usualCell`. */
  cellSize: number | null;
  /** Folder of the footprints. */
  folder: string;
  /** Whether a file that is there is replaced. */
  overwrite: boolean;
}

export interface DrawnFootprint {
  path: string;
  features: number;
  polygons: number;
}

/** Features that a cell would hold if they were spread evenly. */
const FEATURES_A_CELL = 16;
/** Cells along the longer side of an extent, at the most. */
const MOST_ALONG = 500;

const COLUMNS: readonly Column[] = [
  { name: 'input', type: 'text' },
  { name: 'features', type: 'integer' },
  { name: 'shape', type: 'text' },
];

/**
 * Of all layers of the file together, which have to be in one CRS.
 * @throws TilewrightError footprint-unusable for an input without polygons, and for one whose footprint
 *   is there or has too many cells; the reader's own
 */
export async function drawFootprint(
  input: FoundInput,
  crsOf: CrsResolver,
  options: DrawOptions,
): Promise<DrawnFootprint> {
  const source = await openSource(input.path);
  try {
    const layers: LayerInfo[] = [];
    for (const name of source.layerNames()) layers.push(await source.layer(name));
    const crs = oneCrs(layers, input.name, crsOf);
    const hull = new ConvexHull();
    const seen = { features: 0, box: [Infinity, Infinity, -Infinity, -Infinity] };
    for await (const batch of batchesOf(source, layers)) {
      if (options.shape === 'hull') hull.add(batch);
      noteBoxes(batch, seen);
    }
    if (seen.features === 0) throw undrawable(input.name, 'it has no polygon');
    const polygons =
      options.shape === 'hull'
        ? [[[...hull.ring()]]]
        : await cellsOf(source, layers, options.cellSize ?? usualCell(seen), input.name);
    if (polygons[0]![0]!.length === 0) {
      throw undrawable(input.name, 'all of its vertices are on one line');
    }
    const path = join(options.folder, `${stemOf(input.name)}.gpkg`);
    writeFootprint(path, polygons, [input.name, seen.features, options.shape], crs, options);
    return { path, features: seen.features, polygons: polygons.length };
  } finally {
    await source.close();
  }
}

function oneCrs(layers: readonly LayerInfo[], name: string, crsOf: CrsResolver): Crs {
  const all = layers.filter(({ featureCount }) => featureCount > 0);
  if (all.length === 0) throw undrawable(name, 'it has no feature');
  const [crs, ...others] = all.map((layer) => crsOf(layer, name).crs);
  if (others.some((other) => !sameCrs(crs!, other))) {
    throw undrawable(name, 'its layers are in different CRSs');
  }
  return crs!;
}

async function* batchesOf(
  source: VectorSource,
  layers: readonly LayerInfo[],
): AsyncGenerator<FeatureBatch> {
  const batch = new FeatureBatch();
  const notes = { rowsRead: 0, droppedM: 0 };
  const options = { maxFeatures: 2048, maxVertices: 1 << 17, drops: new DropCounter(), notes };
  const all = { start: -Infinity, end: Infinity };
  for (const { name } of layers) yield* source.read(name, all, batch, options);
}

function noteBoxes(batch: FeatureBatch, seen: { features: number; box: number[] }): void {
  const { box } = seen;
  const own = new Float64Array(4);
  for (let i = 0; i < batch.featureCount; i++) {
    featureBounds(batch, i, own, 0);
    box[0] = Math.min(box[0]!, own[0]!);
    box[1] = Math.min(box[1]!, own[1]!);
    box[2] = Math.max(box[2]!, own[2]!);
    box[3] = Math.max(box[3]!, own[3]!);
  }
  seen.features += batch.featureCount;
}

/** A cell that would hold 16 features if they were spread evenly; at most 500 of them in a row. */
function usualCell({ features, box }: { features: number; box: readonly number[] }): number {
  const [width, height] = [box[2]! - box[0]!, box[3]! - box[1]!];
  const even = Math.sqrt((width * height * FEATURES_A_CELL) / features);
  return Math.max(even, Math.max(width, height) / MOST_ALONG);
}

async function cellsOf(
  source: VectorSource,
  layers: readonly LayerInfo[],
  size: number,
  name: string,
): Promise<number[][][]> {
  const cells = new CellUnion(size);
  for await (const batch of batchesOf(source, layers)) {
    if (cells.add(batch)) continue;
    throw undrawable(
      name,
      `it has more than ${MOST_CELLS.toLocaleString('en')} cells. Make them larger`,
    );
  }
  return cells.polygons();
}

function writeFootprint(
  path: string,
  polygons: readonly number[][][],
  values: [input: string, features: number, shape: string],
  crs: Crs,
  { overwrite }: DrawOptions,
): void {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  const file = OutputFile.create(temporary);
  try {
    const name = basename(stemOf(path));
    const geometry = GEOMETRY_MULTI | GEOMETRY_XY;
    const writer = geoPackageTiles.create(file, { name, columns: COLUMNS, crs, geometry });
    const more = new RowWriter();
    more.text(values[0]);
    more.integer(values[1]);
    more.text(values[2]);
    writer.add(rowOf(polygons), more);
    writer.finish();
    file.close();
    // A rename would replace what somebody has put there meanwhile.
    if (overwrite) renameSync(temporary, path);
    else linkSync(temporary, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw undrawable(values[0], `${path} is there. Replace it with --overwrite`);
  } finally {
    file.close();
    rmSync(temporary, { force: true });
  }
}

function rowOf(polygons: readonly number[][][]): EncodedRow {
  const batch = new FeatureBatch();
  batch.beginFeature(1, MULTI);
  for (const rings of polygons) {
    batch.beginPolygon();
    for (const ring of rings) {
      batch.beginRing();
      batch.reserveVertices(ring.length / 2);
      batch.xy.set(ring, 2 * batch.vertexCount);
      batch.vertexCount += ring.length / 2;
      batch.endRing();
    }
    batch.endPolygon();
  }
  batch.endFeature();
  const row = new EncodedRow();
  row.geometry = new Uint8Array(wkbLength(batch, 0));
  row.geometryEnd = row.geometry.length;
  encodeWkb(batch, 0, row.geometry, new DataView(row.geometry.buffer), 0);
  const bounds = new Float64Array(4);
  featureBounds(batch, 0, bounds, 0);
  row.minX = bounds[0]!;
  row.minY = bounds[1]!;
  row.maxX = bounds[2]!;
  row.maxY = bounds[3]!;
  return row;
}

function undrawable(name: string, why: string): TilewrightError {
  return new TilewrightError('footprint-unusable', `No footprint can be made of ${name}: ${why}`, {
    input: name,
  });
}
