/** Duplicates as files for other programs: features with their geometries, and a table of pairs. */

import { OutputText } from '../../core/files/write-output.ts';
import { resolveCrs } from '../../crs/resolve.ts';
import { createTransform } from '../../crs/transform.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import type { FolderDuplicates, JudgedFeature, OverlapPair } from './duplicates.ts';

/** Of which pairs something is written. */
export interface WriteDuplicatesOptions {
  /** Also pairs that overlap and are no duplicates, and their features. */
  all?: boolean;
}

/**
 * Writes features that have duplicates, or go by their footprints, as GeoJSON (RFC 7946): in degrees of
 * WGS 84, longitude first, without z, shells counter-clockwise. `overlap`, `other_overlap` and
 * `distance` are of the pair in which most of the feature overlaps.
 * @returns how many
 * @throws TilewrightError `output-unwritable`, and if the tiles' CRS can't be led to WGS 84
 */
export function writeDuplicatesGeoJson(
  duplicates: FolderDuplicates,
  path: string,
  { all = false }: WriteDuplicatesOptions = {},
): number {
  const transform = createTransform(
    duplicates.crs,
    resolveCrs({ authority: 'OGC', code: 'CRS84' }),
  );
  return withOutput(path, (output) => {
    let count = 0;
    output.write('{"type":"FeatureCollection","features":[');
    for (const feature of duplicates.features(all)) {
      const { batch } = feature;
      transform.apply(batch.xy, 0, batch.vertexCount);
      const geometry = JSON.stringify(geometryOf(batch));
      const properties = JSON.stringify(propertiesOf(feature));
      output.write(
        `${count++ === 0 ? '' : ','}\n{"type":"Feature","properties":${properties},"geometry":${geometry}}`,
      );
    }
    output.write('\n]}\n');
    return count;
  });
}

function propertiesOf({ cluster, input, position, stays, reason, pair }: JudgedFeature) {
  const isPreferred = pair?.preferred.input === input && pair.preferred.position === position;
  const own = isPreferred ? pair?.preferred : pair?.other;
  const other = isPreferred ? pair?.other : pair?.preferred;
  return {
    ...{ cluster, input, position, verdict: stays ? 'stays' : 'goes', reason },
    overlap: own?.overlap ?? null,
    distance: pair?.distance ?? null,
    other_input: other?.input ?? null,
    other_position: other?.position ?? null,
    other_overlap: other?.overlap ?? null,
  };
}

function geometryOf(batch: FeatureBatch): { type: string; coordinates: unknown[] } {
  const polygons: number[][][][] = [];
  for (let p = 0; p < batch.polygonCount; p++) {
    const rings: number[][][] = [];
    for (let r = batch.polygonOffsets[p]!; r < batch.polygonOffsets[p + 1]!; r++) {
      rings.push(ringOf(batch, r, rings.length === 0));
    }
    polygons.push(rings);
  }
  return polygons.length === 1
    ? { type: 'Polygon', coordinates: polygons[0]! }
    : { type: 'MultiPolygon', coordinates: polygons };
}

/** To nine digits behind the point, a tenth of a millimetre. */
function ringOf({ xy, ringOffsets }: FeatureBatch, r: number, isShell: boolean): number[][] {
  const [start, end] = [ringOffsets[r]!, ringOffsets[r + 1]!];
  let doubled = 0;
  for (let v = start; v + 1 < end; v++) {
    // From the first vertex, for the sake of digits.
    const [x, y] = [xy[2 * v]! - xy[2 * start]!, xy[2 * v + 1]! - xy[2 * start + 1]!];
    doubled += x * (xy[2 * v + 3]! - xy[2 * start + 1]!) - y * (xy[2 * v + 2]! - xy[2 * start]!);
  }
  const ring: number[][] = [];
  for (let v = start; v < end; v++) {
    ring.push([Number(xy[2 * v]!.toFixed(9)), Number(xy[2 * v + 1]!.toFixed(9))]);
  }
  return doubled > 0 === isShell ? ring : ring.reverse();
}

const HEADER =
  'cluster,input,position,verdict,overlap,other_input,other_position,other_verdict,other_overlap,distance,duplicate,reason';

/**
 * Writes pairs as CSV, the preferred feature first; then features that go by their footprints, without
 * another one.
 * @returns how many lines follow the first
 * @throws TilewrightError `output-unwritable`
 */
export function writeDuplicatesCsv(
  duplicates: FolderDuplicates,
  path: string,
  { all = false }: WriteDuplicatesOptions = {},
): number {
  return withOutput(path, (output) => {
    let count = 0;
    output.write(`${HEADER}\n`);
    for (const pair of duplicates.pairs(all)) {
      output.write(`${pairFields(pair).map(csvField).join(',')}\n`);
      count++;
    }
    for (const { input, position, reason } of duplicates.alone()) {
      output.write(`,${csvField(input)},${position},goes,,,,,,,,${reason}\n`);
      count++;
    }
    return count;
  });
}

function pairFields({ cluster, preferred, other, distance, isDuplicate }: OverlapPair) {
  const fields = [preferred, other].flatMap(({ input, position, stays, overlap }) => [
    ...[input, position, stays ? 'stays' : 'goes', overlap],
  ]);
  const measured = Number.isNaN(distance) ? '' : distance;
  return [cluster ?? '', ...fields, measured, isDuplicate ? 'yes' : 'no', ''];
}

function csvField(value: string | number): string {
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function withOutput(path: string, write: (output: OutputText) => number): number {
  const output = new OutputText(path);
  try {
    const count = write(output);
    output.end();
    return count;
  } finally {
    output.close();
  }
}
