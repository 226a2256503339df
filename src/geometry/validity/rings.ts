/** The rings of one feature as the check needs them, and what is wrong with each by itself. */

import { type FeatureBatch, grow } from '../batch.ts';
import { orient2d } from '../orientation.ts';
import {
  type Findings,
  HOLE_OUTSIDE,
  NON_FINITE,
  SPIKE,
  TOO_FEW_POINTS,
  UNCLOSED,
  ZERO_AREA,
} from './findings.ts';

export class Rings {
  /** Vertices without repeated and closing ones; edge v goes from vertex v to vertex next[v]. */
  xy = new Float64Array(128);
  next = new Int32Array(64);
  previous = new Int32Array(64);
  /** By vertex: its ring. */
  ring = new Int32Array(64);
  vertexCount = 0;
  /** By ring: its first vertex; one more entry than rings. */
  starts = new Int32Array(16);
  /** By ring: the shell of its polygon, itself if it is one. */
  shell = new Int32Array(16);
  ringCount = 0;

  /** Takes on feature i. Empty rings are left out. */
  load(batch: FeatureBatch, i: number, findings: Findings): void {
    const { featureOffsets, polygonOffsets, ringOffsets } = batch;
    this.#reserve(batch, i);
    this.vertexCount = 0;
    this.ringCount = 0;
    for (let p = featureOffsets[i]!; p < featureOffsets[i + 1]!; p++) {
      const shell = this.ringCount;
      for (let r = polygonOffsets[p]!; r < polygonOffsets[p + 1]!; r++) {
        const start = ringOffsets[r]!;
        const end = ringOffsets[r + 1]!;
        if (start === end) continue;
        if (r > polygonOffsets[p]! && shell === this.ringCount) {
          findings.add(HOLE_OUTSIDE, batch.xy[2 * start]!, batch.xy[2 * start + 1]!);
          break;
        }
        this.shell[this.ringCount] = shell;
        this.#copy(batch.xy, start, end, findings);
        this.ringCount++;
      }
    }
    this.starts[this.ringCount] = this.vertexCount;
  }

  #reserve(batch: FeatureBatch, i: number): void {
    const { featureOffsets, polygonOffsets, ringOffsets } = batch;
    const firstRing = polygonOffsets[featureOffsets[i]!]!;
    const endRing = polygonOffsets[featureOffsets[i + 1]!]!;
    const vertices = ringOffsets[endRing]! - ringOffsets[firstRing]!;
    if (vertices > this.ring.length) {
      this.xy = grow(this.xy, 2 * vertices);
      const size = this.xy.length / 2;
      this.next = grow(this.next, size);
      this.previous = grow(this.previous, size);
      this.ring = grow(this.ring, size);
    }
    if (endRing - firstRing + 1 > this.starts.length) {
      this.starts = grow(this.starts, endRing - firstRing + 1);
      this.shell = grow(this.shell, endRing - firstRing + 1);
    }
  }

  /** Copies vertices [start, end) of a ring, its closing vertex included. */
  #copy(from: Float64Array, start: number, end: number, findings: Findings): void {
    const { xy, next, previous, ring, ringCount } = this;
    const first = this.vertexCount;
    this.starts[ringCount] = first;
    let v = first;
    let x = Number.NaN;
    let y = Number.NaN;
    for (let k = 2 * start; k < 2 * end; k += 2) {
      if (from[k] === x && from[k + 1] === y) continue;
      x = from[k]!;
      y = from[k + 1]!;
      // Their difference from themselves is NaN.
      if (x - x !== 0 || y - y !== 0) {
        findings.add(NON_FINITE, x, y);
        return;
      }
      xy[2 * v] = x;
      xy[2 * v + 1] = y;
      ring[v] = ringCount;
      next[v] = v + 1;
      previous[v] = v - 1;
      v++;
    }
    const x0 = xy[2 * first]!;
    const y0 = xy[2 * first + 1]!;
    if (x !== x0 || y !== y0) findings.add(UNCLOSED, x, y);
    else if (v - first < 4) findings.add(TOO_FEW_POINTS, x0, y0);
    else {
      v--;
      next[v - 1] = first;
      previous[first] = v - 1;
      this.vertexCount = v;
      this.#findSpikes(first, v, findings);
    }
  }

  #findSpikes(first: number, end: number, findings: Findings): void {
    const { xy } = this;
    let x0 = xy[2 * end - 4]!;
    let y0 = xy[2 * end - 3]!;
    let x1 = xy[2 * end - 2]!;
    let y1 = xy[2 * end - 1]!;
    for (let k = 2 * first; k < 2 * end; k += 2) {
      const x2 = xy[k]!;
      const y2 = xy[k + 1]!;
      // On a line, differences to both sides have the same signs; no product of them is negative.
      if (
        (x0 - x1) * (x2 - x1) >= 0 &&
        (y0 - y1) * (y2 - y1) >= 0 &&
        orient2d(x0, y0, x1, y1, x2, y2) === 0 &&
        x0 < x1 === x2 < x1 &&
        x0 > x1 === x2 > x1 &&
        y0 < y1 === y2 < y1 &&
        y0 > y1 === y2 > y1
      ) {
        // A ring on a line has to turn somewhere.
        findings.add(this.#isFlat(first, end) ? ZERO_AREA : SPIKE, x1, y1);
        return;
      }
      x0 = x1;
      y0 = y1;
      x1 = x2;
      y1 = y2;
    }
  }

  #isFlat(first: number, end: number): boolean {
    const { xy } = this;
    const a = 2 * first;
    for (let k = a + 4; k < 2 * end; k += 2) {
      if (orient2d(xy[a]!, xy[a + 1]!, xy[a + 2]!, xy[a + 3]!, xy[k]!, xy[k + 1]!) !== 0) {
        return false;
      }
    }
    return true;
  }
}
