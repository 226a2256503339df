/** Features one by one: at a point, in a box, with all that is known of one. */

import type { ColumnType, Value } from '../../core/columns.ts';
import { TilewrightError } from '../../core/errors.ts';
import type { FeatureBatch } from '../../geometry/batch.ts';
import { featureBounds } from '../../geometry/measure.ts';
import { thinned } from '../../plot/drawing.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';
import type { FeatureDetails, FeatureSummary } from '../shared/messages.ts';
import type { TileFile } from './tile-file.ts';
import { isIn, type TileRef } from './tile-ref.ts';

/** Polygons whose boxes are around a point; more are not looked at. */
const MAX_CANDIDATES = 2000;
const MAX_OUTLINE_VERTICES = 20_000;

/**
 * Features of the tile that hold the point, the smallest first. If there are none: those whose
 * middle is within the tolerance, nearest first, so that one can click what is smaller than a pixel.
 * @param tolerance - along x and y: they are equally long on the screen
 */
export function featuresAt(
  file: TileFile,
  ref: TileRef,
  [x, y]: readonly [number, number],
  [toleranceX, toleranceY]: readonly [number, number],
  limit: number,
): FeatureSummary[] {
  const ranges = file.keyRanges(ref);
  const found: { key: number; rank: number; holds: boolean }[] = [];
  let seen = 0;
  const box: Bounds = [x - toleranceX, y - toleranceY, x + toleranceX, y + toleranceY];
  file.search(...box, (key, minX, minY, maxX, maxY) => {
    if (!isIn(ranges, key)) return;
    if (++seen > MAX_CANDIDATES) return false;
    const row = file.geometry(key);
    if (row === null) return;
    const distance = Math.hypot(
      ((minX + maxX) / 2 - x) / toleranceX,
      ((minY + maxY) / 2 - y) / toleranceY,
    );
    if (holds(row.batch, x, y)) {
      found.push({ key, rank: (maxX - minX) * (maxY - minY), holds: true });
    } else if (distance <= 1) found.push({ key, rank: distance, holds: false });
    return;
  });
  const holding = found.filter(({ holds }) => holds);
  return (holding.length > 0 ? holding : found)
    .sort((a, b) => a.rank - b.rank || a.key - b.key)
    .slice(0, limit)
    .flatMap(({ key }) => summary(file, ref, key) ?? []);
}

/** Whether the point is in the feature, by the even-odd rule. */
function holds({ xy, ringOffsets, ringCount }: FeatureBatch, x: number, y: number): boolean {
  let inside = false;
  for (let r = 0; r < ringCount; r++) {
    for (let v = ringOffsets[r]!; v < ringOffsets[r + 1]! - 1; v++) {
      const [x1, y1, x2, y2] = [xy[2 * v]!, xy[2 * v + 1]!, xy[2 * v + 2]!, xy[2 * v + 3]!];
      if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
    }
  }
  return inside;
}

/**
 * The largest features of the tile whose boxes touch the box, and how many of all have the middle
 * of theirs in the tile: copies in other tiles are not counted again there.
 */
export function listFeatures(
  file: TileFile,
  ref: TileRef,
  box: Bounds,
  limit: number,
): { features: FeatureSummary[]; total: number } {
  let best: { key: number; size: number }[] = [];
  let total = 0;
  const cut = (): void => {
    best = best.sort((a, b) => b.size - a.size || a.key - b.key).slice(0, limit);
  };
  const ranges = file.keyRanges(ref);
  const [west, south, east, north] = ref.bounds;
  file.search(...box, (key, minX, minY, maxX, maxY) => {
    if (!isIn(ranges, key)) return;
    const x = (minX + maxX) / 2;
    const y = (minY + maxY) / 2;
    if (x >= west && x < east && y > south && y <= north) total++;
    best.push({ key, size: (maxX - minX) * (maxY - minY) });
    if (best.length > 64 * limit) cut();
    return;
  });
  cut();
  return { features: best.flatMap(({ key }) => summary(file, ref, key) ?? []), total };
}

function summary(file: TileFile, { x, y }: TileRef, key: number): FeatureSummary | null {
  const identity = file.identity(key);
  const geometry = file.geometry(key);
  if (identity === null || geometry === null) return null;
  return {
    x,
    y,
    fid: key,
    identifier: identity.identifier,
    input: identity.input,
    areaInCrs: identity.area,
    bounds: boundsOf(geometry.batch),
  };
}

/** The tile's row of a feature, by its key or, if the tile was written anew, by its identifier. */
export function findFeature(file: TileFile, key: number, identifier: string | null): number {
  const known = file.identity(key);
  if (known !== null && (identifier === null || known.identifier === identifier)) return key;
  const found = identifier === null ? null : file.keyOf(identifier);
  if (found !== null) return found;
  throw new TilewrightError('input-missing', 'This polygon is not in the tile any more');
}

/** Everything but the copies and what is reckoned on the ground. */
export function featureDetails(
  file: TileFile,
  ref: TileRef,
  key: number,
): Omit<FeatureDetails, 'copies' | 'moreCopies' | 'area'> {
  const brief = summary(file, ref, key);
  const geometry = file.geometry(key);
  if (brief === null || geometry === null) {
    throw new TilewrightError('input-missing', 'This row has no polygon');
  }
  const { batch } = geometry;
  const attributes = file.attributes(key);
  const numberOf = (name: string): number | null => {
    const value = attributes.find(([column]) => column === name)?.[1];
    return typeof value === 'number' ? value : null;
  };
  const [x, y] = [numberOf(ref.columns.centroidX), numberOf(ref.columns.centroidY)];
  return {
    ...brief,
    attributes: attributes.map(([name, value], c) => [
      name,
      plainValue(value, file.columns[c]!.type),
    ]),
    centroid: x === null || y === null ? null : [x, y],
    vertices: batch.vertexCount - batch.ringCount,
    outline: outlineOf(batch, brief.bounds),
  };
}

function plainValue(value: Value, type: ColumnType): string | number | boolean | null {
  if (type === 'boolean' && (value === 0 || value === 1)) return value === 1;
  if (type === 'datetime' && typeof value === 'string') return plainTime(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
  return value;
}

/** `2020-06-30 12:00:00 UTC` of `2020-06-30T12:00:00.000Z`; other texts as they are. */
function plainTime(text: string): string {
  return text.replace(
    /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.0+)?Z$/,
    (_, date: string, time: string) => `${date} ${time} UTC`,
  );
}

/** Rings with the fewer vertices the more there are: what is drawn over the map. */
function outlineOf({ xy, ringOffsets, ringCount, vertexCount }: FeatureBatch, bounds: Bounds) {
  const size = Math.max(bounds[2] - bounds[0], bounds[3] - bounds[1]);
  let least = vertexCount <= MAX_OUTLINE_VERTICES ? 0 : size / MAX_OUTLINE_VERTICES;
  for (; ; least *= 2) {
    const rings: number[][] = [];
    let vertices = 0;
    for (let r = 0; r < ringCount; r++) {
      const [start, end] = [ringOffsets[r]!, ringOffsets[r + 1]!];
      const out = new Float64Array(2 * (end - start));
      const count = thinned(xy, start, end, least, out);
      if (least > 0 && count < 3) continue;
      vertices += count;
      rings.push(Array.from(out.subarray(0, 2 * count)));
    }
    if (least === 0 || vertices <= MAX_OUTLINE_VERTICES) return rings;
  }
}

/** The row in another tile that is a copy of a feature: the same box, the same identifier. */
export function findCopy(file: TileFile, bounds: Bounds, identifier: string): number | null {
  let found: number | null = null;
  const [west, south, east, north] = bounds;
  const middleX = (west + east) / 2;
  const middleY = (south + north) / 2;
  // Its box holds this point. Boxes in the tree are a little larger than those of the features.
  file.search(middleX, middleY, middleX, middleY, (key, minX, minY, maxX, maxY) => {
    if (!(minX <= west && minY <= south && maxX >= east && maxY >= north)) return;
    if (file.identity(key)?.identifier !== identifier) return;
    found = key;
    return false;
  });
  return found;
}

function boundsOf(batch: FeatureBatch): Bounds {
  const out = new Float64Array(4);
  featureBounds(batch, 0, out, 0);
  return [out[0]!, out[1]!, out[2]!, out[3]!];
}
