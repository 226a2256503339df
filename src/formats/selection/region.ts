/**
 * A rectangle that features are asked for in. In the CRS of a layer it is compared with coordinates as
 * they stand. In another CRS a feature is in it if its vertices, transformed to that CRS, and straight
 * edges between them meet it, and its box in the layer's CRS touches the rectangle's there.
 */

import type { Crs } from '../../crs/resolve.ts';
import { createTransform, cyclicX, type Transform } from '../../crs/transform.ts';
import { bringFromTurn, crossesCut, splitAtCut } from '../../geometry/antimeridian.ts';
import { FeatureBatch } from '../../geometry/batch.ts';
import { type CutOptions, turnWith } from '../../geometry/cut.ts';
import { featureBounds } from '../../geometry/measure.ts';
import { featureIntersectsRectangle } from '../../geometry/rectangle.ts';
import type { Bounds } from '../../tms/tile-matrix.ts';

/** Points along each side of the rectangle that are transformed to the CRS of a layer. */
const SIDE = 64;
/** Share of the x axis that extents may go beyond its ends by rounding. */
const SLACK = 1e-6;
/** A y beyond all poles of projected CRSs, in their units. */
const FAR = 1e12;
const EVERYWHERE: Bounds = [-Infinity, -Infinity, Infinity, Infinity];

export class Region {
  /** In the layer's CRS: features whose boxes don't touch it are not in the region. */
  readonly box: Bounds;
  /** In the CRS of the region, within its x axis if that goes round. */
  readonly #rectangles: readonly Bounds[];
  /** To the CRS of the region; null where coordinates are compared as they stand. */
  readonly #transform: Transform | null;
  readonly #cut: CutOptions | null;
  readonly #bounds = new Float64Array(4);
  readonly #moved = new FeatureBatch();
  readonly #parts = new FeatureBatch();

  /**
   * @param bbox - west, south, east, north in `crs`; west > east where x goes round
   * @param extent - of the layer, in its CRS, as far as it is known
   */
  constructor(bbox: Bounds, crs: Crs, layerCrs: Crs, extent: Bounds | null) {
    const axis = cyclicX(crs);
    this.#rectangles = axis === null ? [bbox] : onAxis(bbox, axis);
    const transform = createTransform(layerCrs, crs);
    const goesOn = extendsBeyond(cyclicX(layerCrs), extent);
    const isDirect = transform.identity && !goesOn;
    this.#transform = isDirect ? null : transform;
    const edge = transform.longestEdge;
    this.#cut = axis && {
      ...axis,
      northY: crs.geographic ? 90 / crs.definition.unit : FAR,
      southY: crs.geographic ? -90 / crs.definition.unit : -FAR,
      longestEdge: (edge / 360) * axis.period,
    };
    const box = isDirect
      ? hull(this.#rectangles)
      : boxIn(this.#rectangles, createTransform(crs, layerCrs));
    // Where longitudes go on past the ends of the axis, the rectangle is there too.
    this.box = goesOn ? [-Infinity, box[1], Infinity, box[3]] : box;
  }

  /** Whether feature i, in the CRS of the layer, is in the region. */
  holds(batch: FeatureBatch, i: number): boolean {
    const bounds = this.#bounds;
    featureBounds(batch, i, bounds, 0);
    const [west, south, east, north] = this.box;
    const touches =
      bounds[0]! <= east && bounds[2]! >= west && bounds[1]! <= north && bounds[3]! >= south;
    if (!touches) return false;
    return this.#transform === null
      ? this.#meets(batch, i)
      : this.#holdsMoved(batch, i, this.#transform);
  }

  #meets(batch: FeatureBatch, i: number): boolean {
    for (const [west, south, east, north] of this.#rectangles) {
      if (featureIntersectsRectangle(batch, i, west, south, east, north)) return true;
    }
    return false;
  }

  #holdsMoved(batch: FeatureBatch, i: number, transform: Transform): boolean {
    const moved = this.#moved;
    moved.clear();
    moved.appendFeature(batch, i);
    transform.apply(moved.xy, 0, moved.vertexCount);
    const bounds = this.#bounds;
    featureBounds(moved, 0, bounds, 0);
    // What the CRS of the region has no place for is not in it.
    for (let k = 0; k < 2 * moved.vertexCount; k++)
      if (!Number.isFinite(moved.xy[k]!)) return false;
    const cut = this.#cut;
    if (cut === null) return this.#meets(moved, 0);
    const { minX, period, longestEdge } = cut;
    const isPast = bounds[0]! < minX || bounds[2]! > minX + period;
    if (!isPast && !(bounds[2]! - bounds[0]! > longestEdge)) return this.#meets(moved, 0);
    const goesRound = crossesCut(moved, 0, longestEdge);
    const how = goesRound ? cut : { ...cut, longestEdge: Number.POSITIVE_INFINITY };
    const turn = goesRound ? null : turnWith(bounds[0]!, bounds[2]!, how);
    if (turn !== null) {
      bringFromTurn(moved, 0, turn, how);
      return this.#meets(moved, 0);
    }
    const parts = this.#parts;
    parts.clear();
    parts.beginFeature(0);
    splitAtCut(moved, 0, parts, how);
    parts.endFeature();
    return parts.polygonCount > 0 && this.#meets(parts, 0);
  }
}

interface Axis {
  period: number;
  minX: number;
}

/** The parts of a rectangle between the ends of an x axis that goes round. */
function onAxis([west, south, east, north]: Bounds, { period, minX }: Axis): Bounds[] {
  const maxX = minX + period;
  if (west <= east && west >= minX && east <= maxX) return [[west, south, east, north]];
  const width = west <= east ? east - west : east - west + period;
  if (width >= period) return [[minX, south, maxX, north]];
  const from = west - period * Math.floor((west - minX) / period);
  const to = from + width;
  if (to <= maxX) return [[from, south, to, north]];
  return [
    [from, south, maxX, north],
    [minX, south, to - period, north],
  ];
}

/** Whether a layer has longitudes past the ends of the axis, such as 190 degrees. */
function extendsBeyond(axis: Axis | null, extent: Bounds | null): boolean {
  if (axis === null || extent === null) return false;
  const slack = SLACK * axis.period;
  return extent[0] < axis.minX - slack || extent[2] > axis.minX + axis.period + slack;
}

function hull(boxes: readonly Bounds[]): Bounds {
  const side = (k: number): number[] => boxes.map((box) => box[k]!);
  return [Math.min(...side(0)), Math.min(...side(1)), Math.max(...side(2)), Math.max(...side(3))];
}

/**
 * The box of rectangles in another CRS, from a net of points and as far around these as two of them that
 * are next to each other lie apart, so that it holds what is between them, a pole too.
 */
function boxIn(rectangles: readonly Bounds[], transform: Transform): Bounds {
  const boxes = rectangles.map(([west, south, east, north]): Bounds => {
    const count = SIDE + 1;
    const xy = new Float64Array(2 * count * count);
    for (let i = 0; i < count * count; i++) {
      xy[2 * i] = west + ((east - west) * (i % count)) / SIDE;
      xy[2 * i + 1] = south + ((north - south) * Math.floor(i / count)) / SIDE;
    }
    transform.apply(xy, 0, count * count);
    const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity];
    const margin = [0, 0];
    for (let i = 0; i < count * count; i++) {
      for (const axis of [0, 1]) {
        const value = xy[2 * i + axis]!;
        if (!Number.isFinite(value)) return EVERYWHERE;
        box[axis] = Math.min(box[axis]!, value);
        box[axis + 2] = Math.max(box[axis + 2]!, value);
        const right = i % count === SIDE ? value : xy[2 * (i + 1) + axis]!;
        const above = i + count < count * count ? xy[2 * (i + count) + axis]! : value;
        margin[axis] = Math.max(margin[axis]!, Math.abs(right - value), Math.abs(above - value));
      }
    }
    const [x, y] = margin as [number, number];
    return [box[0] - x, box[1] - y, box[2] + x, box[3] + y];
  });
  return hull(boxes);
}
