/** Batches of sample polygons, in EPSG:3413 as a scene has them or in degrees as a tile has them. */

import proj4 from 'proj4';
import type { Column } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import { EncodedRow } from '../../src/formats/encoded-row.ts';
import { RowWriter } from '../../src/formats/sqlite/record.ts';
import { FeatureBatch } from '../../src/geometry/batch.ts';
import { featureBounds } from '../../src/geometry/measure.ts';
import { encodeWkb, wkbLength } from '../../src/geometry/wkb.ts';
import { Ground, OutlineTracer } from '../ground.ts';
import { CELL_AREA, ORIGIN_X, ORIGIN_Y } from '../scenes.ts';

const MIN_VERTICES = 20;
const MAX_VERTICES = 42;

/** About `polygons` polygons of 31 vertices, in metres; the same for the same seed. */
export function polarBatch(seed: number, polygons: number): FeatureBatch {
  const ground = new Ground(seed, CELL_AREA);
  const random = new Random(seed);
  const tracer = new OutlineTracer(ground, random);
  const ring = new Float64Array(2 * MAX_VERTICES);
  const batch = new FeatureBatch();
  const side = Math.sqrt(polygons * CELL_AREA);
  ground.forEachCell(ORIGIN_X, ORIGIN_Y, ORIGIN_X + side, ORIGIN_Y + side, (cell) => {
    const vertices = MIN_VERTICES + random.integer(MAX_VERTICES - MIN_VERTICES + 1);
    tracer.trace(cell, vertices, ring);
    batch.beginFeature(batch.featureCount + 1);
    batch.beginPolygon();
    batch.beginRing();
    batch.reserveVertices(vertices);
    batch.xy.set(ring.subarray(0, 2 * vertices), 2 * batch.vertexCount);
    batch.vertexCount += vertices;
    batch.endRing();
    batch.endPolygon();
    batch.endFeature();
  });
  return batch;
}

/** The same polygons in degrees, longitude first; reprojected by proj4, whatever is measured. */
export function geographicBatch(seed: number, polygons: number): FeatureBatch {
  const batch = polarBatch(seed, polygons);
  const polar = '+proj=stere +lat_0=90 +lat_ts=70 +lon_0=-45 +datum=WGS84';
  const { forward } = proj4(polar, 'EPSG:4326');
  for (let k = 0; k < 2 * batch.vertexCount; k += 2) {
    const [longitude, latitude] = forward([batch.xy[k]!, batch.xy[k + 1]!]);
    batch.xy[k] = longitude!;
    batch.xy[k + 1] = latitude!;
  }
  return batch;
}

/** Rows of a tile without attributes, one for each polygon. */
export function sampleRows(polygons: number, batch = polarBatch(9, polygons)): EncodedRow[] {
  const bounds = new Float64Array(4);
  const rows: EncodedRow[] = [];
  for (let i = 0; i < batch.featureCount; i++) {
    const geometry = new Uint8Array(wkbLength(batch, i));
    encodeWkb(batch, i, geometry, new DataView(geometry.buffer), 0);
    featureBounds(batch, i, bounds, 0);
    const [minX, minY, maxX, maxY] = bounds as unknown as [number, number, number, number];
    const geometryEnd = geometry.length;
    rows.push(Object.assign(new EncodedRow(), { geometry, geometryEnd, minX, minY, maxX, maxY }));
  }
  return rows;
}

export const ATTRIBUTES: Column[] = [
  { name: 'id', type: 'integer' },
  { name: 'depth', type: 'real' },
  { name: 'class', type: 'text' },
  { name: 'day', type: 'date' },
];
const CLASSES = ['high centre', 'low centre', 'flat', 'lake'];

/** Rows of a tile with ATTRIBUTES, one for each polygon. */
export function attributedRows(batch: FeatureBatch): EncodedRow[] {
  const random = new Random(1);
  return sampleRows(batch.featureCount, batch).map((row, i) => {
    const values = new RowWriter();
    values.integer(i + 1);
    values.real(random.next());
    values.text(CLASSES[random.integer(CLASSES.length)]!);
    values.text(`2026-11-${10 + random.integer(20)}`);
    const { types, typesLength: typesEnd, body, bodyLength: bodyEnd } = values;
    return Object.assign(row, { types, typesEnd, body, bodyEnd });
  });
}
