/**
 * The edges of two features in a box: what a sweep from west to east has to know of them.
 *
 * Each runs from (startX, startY) to (endX, endY) with startX < endX, 0 ≤ x ≤ width, 0 ≤ y ≤ height,
 * relative to the box's south-western corner, where the digits of small polygons far from the origin
 * are not lost. Vertical edges, and what is outside, are left out; but what lies below the box is
 * laid down on its southern side, as it decides what is inside above: an even number of edges below a
 * point means outside of the polygon.
 */

import { type FeatureBatch, grow } from '../geometry/batch.ts';
import { firstVertex } from '../geometry/measure.ts';

export class ClippedEdges {
  width = 0;
  height = 0;
  count = 0;
  startX = new Float64Array(128);
  startY = new Float64Array(128);
  endX = new Float64Array(128);
  endY = new Float64Array(128);
  /** (endY − startY) / (endX − startX) */
  slope = new Float64Array(128);
  /** The polygon that an edge is of; those of the second feature are counted on from the first's. */
  polygon = new Int32Array(128);
  /** How far west to east, and south to north, edges that are met reach at most. */
  longestX = 0;
  longestY = 0;
  /** What lies on the southern side, and has not been added yet: from … to, in no order. */
  #runFrom = Number.NaN;
  #runTo = Number.NaN;

  /** Empties the list, for a box of the given size. */
  begin(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.count = 0;
    this.longestX = width;
    this.longestY = height;
  }

  /**
   * Adds the edges of feature i in the box whose south-western corner is (minX, minY).
   * @param polygon - what the feature's first polygon is counted as
   */
  addFeature(batch: FeatureBatch, i: number, minX: number, minY: number, polygon: number): void {
    const { xy, ringOffsets, polygonOffsets } = batch;
    const { width, height } = this;
    this.#reserve(firstVertex(batch, i + 1) - firstVertex(batch, i));
    const { startX, startY, endX, endY, slope } = this;
    const endPolygon = batch.featureOffsets[i + 1]!;
    for (let p = batch.featureOffsets[i]!; p < endPolygon; p++, polygon++) {
      const endRing = polygonOffsets[p + 1]!;
      for (let r = polygonOffsets[p]!; r < endRing; r++) {
        const first = 2 * ringOffsets[r]!;
        const end = 2 * ringOffsets[r + 1]!;
        let x1 = xy[first]! - minX;
        let y1 = xy[first + 1]! - minY;
        let isIn1 = x1 >= 0 && x1 <= width && y1 >= 0 && y1 <= height;
        for (let k = first + 2; k < end; k += 2) {
          const x2 = xy[k]! - minX;
          const y2 = xy[k + 1]! - minY;
          const isIn2 = x2 >= 0 && x2 <= width && y2 >= 0 && y2 <= height;
          if (isIn1 && isIn2) {
            const e = this.count;
            const goesEast = x1 < x2;
            startX[e] = goesEast ? x1 : x2;
            startY[e] = goesEast ? y1 : y2;
            endX[e] = goesEast ? x2 : x1;
            endY[e] = goesEast ? y2 : y1;
            const ratio = (y2 - y1) / (x2 - x1);
            slope[e] = ratio;
            this.polygon[e] = polygon;
            // What is vertical, or as good as that, is left out.
            if (ratio - ratio === 0) this.count = e + 1;
          } else if (
            !(
              (x1 <= 0 && x2 <= 0) ||
              (x1 >= width && x2 >= width) ||
              (y1 >= height && y2 >= height)
            )
          ) {
            const ratio = (y2 - y1) / (x2 - x1);
            if (x1 < x2) this.#addPart(x1, y1, x2, y2, ratio, polygon);
            else if (x1 > x2) this.#addPart(x2, y2, x1, y1, ratio, polygon);
          }
          x1 = x2;
          y1 = y2;
          isIn1 = isIn2;
        }
        this.#endRun(polygon);
      }
    }
  }

  /** Adds what of another list lies at y ≥ fromY; that is y = 0 here. */
  addNorthOf(edges: ClippedEdges, fromY: number): void {
    const { count, startX, startY, endX, endY, slope, polygon } = edges;
    this.#reserve(count);
    const toY = fromY + this.height;
    for (let e = 0; e < count; e++) {
      const y1 = startY[e]!;
      const y2 = endY[e]!;
      if (e > 0 && polygon[e] !== polygon[e - 1]) this.#endRun(polygon[e - 1]!);
      if (y1 >= toY && y2 >= toY) continue;
      this.#addPart(startX[e]!, y1 - fromY, endX[e]!, y2 - fromY, slope[e]!, polygon[e]!);
    }
    if (count > 0) this.#endRun(polygon[count - 1]!);
  }

  /** Room for what `vertices` more can give: an edge cut at both ends, and a run for each cut. */
  #reserve(vertices: number): void {
    const needed = this.count + 3 * vertices;
    if (needed <= this.startX.length) return;
    this.startX = grow(this.startX, needed);
    this.startY = grow(this.startY, needed);
    this.endX = grow(this.endX, needed);
    this.endY = grow(this.endY, needed);
    this.slope = grow(this.slope, needed);
    this.polygon = grow(this.polygon, needed);
  }

  /** Adds what is in the box of an edge that is partly outside of it; x1 < x2. */
  #addPart(x1: number, y1: number, x2: number, y2: number, slope: number, polygon: number): void {
    const { width, height } = this;
    this.longestX = Math.max(this.longestX, x2 - x1);
    this.longestY = Math.max(this.longestY, Math.abs(y2 - y1));
    if (x1 < 0) {
      y1 -= x1 * slope;
      x1 = 0;
    }
    if (x2 > width) {
      y2 -= (x2 - width) * slope;
      x2 = width;
    }
    if (y1 >= height && y2 >= height) return;
    if (y1 <= 0 && y2 <= 0) {
      this.#addBelow(x1, x2, polygon);
      return;
    }
    if (y1 < 0) {
      const x = between(x1, x1 - y1 / slope, x2);
      this.#addBelow(x1, x, polygon);
      x1 = x;
      y1 = 0;
    } else if (y1 > height) {
      x1 = between(x1, x1 + (height - y1) / slope, x2);
      y1 = height;
    }
    if (y2 < 0) {
      const x = between(x1, x2 - y2 / slope, x2);
      this.#addBelow(x, x2, polygon);
      x2 = x;
      y2 = 0;
    } else if (y2 > height) {
      x2 = between(x1, x2 + (height - y2) / slope, x2);
      y2 = height;
    }
    this.#append(x1, y1, x2, y2, slope, polygon);
  }

  /** Lays x1 … x2 on the southern side. Runs that follow each other are one: two layers are none. */
  #addBelow(x1: number, x2: number, polygon: number): void {
    if (this.#runTo === x1) this.#runTo = x2;
    else if (this.#runTo === x2) this.#runTo = x1;
    else {
      this.#endRun(polygon);
      this.#runFrom = x1;
      this.#runTo = x2;
    }
  }

  #endRun(polygon: number): void {
    const from = this.#runFrom;
    const to = this.#runTo;
    this.#append(Math.min(from, to), 0, Math.max(from, to), 0, 0, polygon);
    this.#runFrom = Number.NaN;
    this.#runTo = Number.NaN;
  }

  /** An edge without width, with a coordinate that is not finite, or as good as vertical, is left out. */
  #append(x1: number, y1: number, x2: number, y2: number, slope: number, polygon: number): void {
    if (!(x1 < x2 && slope - slope + y1 - y1 + y2 - y2 === 0)) return;
    const e = this.count++;
    this.startX[e] = x1;
    this.startY[e] = y1;
    this.endX[e] = x2;
    this.endY[e] = y2;
    this.slope[e] = slope;
    this.polygon[e] = polygon;
  }
}

/** x, which rounding may have led out of low … high. */
function between(low: number, x: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}
