/** Area of what two features have in common. */

import type { FeatureBatch } from '../geometry/batch.ts';
import { featureBounds } from '../geometry/measure.ts';
import { ClippedEdges } from './clipped-edges.ts';
import { InteriorsMeet } from './interiors-meet.ts';
import { SlabSweep } from './slab-sweep.ts';

/**
 * By how much an area may be wrong, as a part of what an edge sweeps over that is displaced by its
 * length: about 2⁻⁵⁰ for each edge of a slab, so that 2⁻³⁶ is enough for thousands.
 */
const ROUNDING = 2 ** -36;

/** Edges that a vertical line crosses: more are many. */
const MANY = 16;
const MOST_HALVES = 24;

/**
 * Area of the intersection of two polygons or multipolygons with holes. A point is inside of a polygon
 * if it is inside of an odd number of its rings, and of a feature if it is inside of one of its
 * polygons: for valid features that is what it always is, and of others rings may cross themselves
 * and each other, holes lie outside and polygons overlap.
 *
 * It is computed in doubles, relative to the south-western corner of what the two boxes have in common;
 * its error is some units in the last place of the area of that, unless edges are much longer. Where the
 * area is no greater than its error may be, it is decided exactly whether the interiors meet: so it is
 * 0 where they don't, as between neighbours that share a border, and positive where they do.
 *
 * Buffers are kept from call to call.
 */
export class IntersectionArea {
  readonly #bounds = new Float64Array(8);
  /** The edges in the boxes' common box; in a half of that, in a half of the half, and so on. */
  readonly #edges = [new ClippedEdges()];
  readonly #sweep = new SlabSweep();
  readonly #meet = new InteriorsMeet();

  /** Area that feature i of `a` and feature j of `b` have in common, in square units; exactly 0 for none. */
  of(a: FeatureBatch, i: number, b: FeatureBatch, j: number): number {
    const bounds = this.#bounds;
    featureBounds(a, i, bounds, 0);
    featureBounds(b, j, bounds, 4);
    const minX = Math.max(bounds[0]!, bounds[4]!);
    const minY = Math.max(bounds[1]!, bounds[5]!);
    const maxX = Math.min(bounds[2]!, bounds[6]!);
    const maxY = Math.min(bounds[3]!, bounds[7]!);
    if (!(minX < maxX && minY < maxY)) return 0;
    const width = maxX - minX;
    const height = maxY - minY;
    const edges = this.#edges[0]!;
    edges.begin(width, height);
    const firstCount = a.featureOffsets[i + 1]! - a.featureOffsets[i]!;
    const secondCount = b.featureOffsets[j + 1]! - b.featureOffsets[j]!;
    edges.addFeature(a, i, minX, minY, 0);
    edges.addFeature(b, j, minX, minY, firstCount);
    const area = this.#areaOf(0, firstCount, firstCount + secondCount);
    const error = ROUNDING * (width * edges.longestY + edges.longestX * height);
    if (area > error) return area;
    if (!this.#meet.of(a, i, b, j, [minX, minY, maxX, maxY])) return 0;
    return Math.max(area, error * 2 ** -30, Number.MIN_VALUE);
  }

  /**
   * Area by the edges of a list. A sweep takes time in proportion to their number times that of edges
   * that a vertical line crosses: where that is great, and a cut from west to east doesn't cut many,
   * the southern and the northern half are swept apart.
   */
  #areaOf(depth: number, firstCount: number, polygonCount: number): number {
    const edges = this.#edges[depth]!;
    if (depth === MOST_HALVES || !isWorthHalving(edges)) {
      return this.#sweep.area(edges, firstCount, polygonCount);
    }
    this.#edges[depth + 1] ??= new ClippedEdges();
    const half = this.#edges[depth + 1]!;
    const middle = edges.height / 2;
    half.begin(edges.width, middle);
    half.addNorthOf(edges, 0);
    const south = this.#areaOf(depth + 1, firstCount, polygonCount);
    half.begin(edges.width, edges.height - middle);
    half.addNorthOf(edges, middle);
    return south + this.#areaOf(depth + 1, firstCount, polygonCount);
  }
}

/** Whether many edges are active in a sweep, which are not on the southern side, and a cut halves few of them. */
function isWorthHalving(edges: ClippedEdges): boolean {
  const { count, width, height, startX, startY, endX, endY } = edges;
  if (count < 4 * MANY) return false;
  let inside = 0;
  let widths = 0;
  let heights = 0;
  for (let e = 0; e < count; e++) {
    if (startY[e] === 0 && endY[e] === 0) continue;
    inside++;
    widths += endX[e]! - startX[e]!;
    heights += Math.abs(endY[e]! - startY[e]!);
  }
  return widths > MANY * width && heights < (inside / 4) * height;
}
