/**
 * The rings of a feature as closed chains of vertices, in the coordinates of the feature or on a grid of
 * whole numbers.
 */

import { type FeatureBatch, grow, HAS_Z } from '../batch.ts';

/** Rings with fewer distinct vertices in a row have no area. */
const MIN_VERTICES = 3;

/** x = (column + origin) · pitch: exact, as the pitch is a power of 2 and no column is past 2⁵³. */
interface Axis {
  origin: number;
  pitch: number;
}

/** Kinds of vertices: the ring's own, where it touches one of another ring's, where edges cross. */
export const CORNER = 0;
export const TOUCH = 1;
export const CROSSING = 2;

export class Chains {
  count = 0;
  x = new Float64Array(64);
  y = new Float64Array(64);
  z = new Float64Array(0);
  /** CORNER, TOUCH or CROSSING */
  kind = new Uint8Array(64);
  /** Ring r has the vertices [offsets[r], offsets[r + 1]), without its first one again. */
  readonly offsets: number[] = [0];
  /** Polygon of each ring, counted from 0, and whether the ring is its shell. */
  readonly polygonOf: number[] = [];
  readonly isShell: boolean[] = [];
  readonly hasZ: boolean;
  polygonCount = 0;
  #axisX: Axis = { origin: 0, pitch: 1 };
  #axisY: Axis = { origin: 0, pitch: 1 };

  constructor(hasZ: boolean) {
    this.hasZ = hasZ;
    if (hasZ) this.z = new Float64Array(64);
  }

  get ringCount(): number {
    return this.polygonOf.length;
  }

  /** The chains of feature i: no vertex twice in a row, none of rings that are no more than a line. */
  static of(batch: FeatureBatch, i: number): Chains {
    const { xy, z, ringOffsets, polygonOffsets } = batch;
    const chains = new Chains((batch.flags[i]! & HAS_Z) !== 0);
    const endPolygon = batch.featureOffsets[i + 1]!;
    for (let p = batch.featureOffsets[i]!; p < endPolygon; p++, chains.polygonCount++) {
      const shell = polygonOffsets[p]!;
      for (let r = shell; r < polygonOffsets[p + 1]!; r++) {
        for (let v = ringOffsets[r]!; v < ringOffsets[r + 1]!; v++) {
          chains.push(xy[2 * v]!, xy[2 * v + 1]!, chains.hasZ ? z[v]! : 0, CORNER);
        }
        chains.endRing(chains.polygonCount, r === shell);
      }
    }
    return chains;
  }

  /** Adds a vertex to the ring at the end, unless the one before it is there. */
  push(x: number, y: number, z: number, kind: number): void {
    const at = this.count;
    if (at > this.offsets.at(-1)! && this.x[at - 1] === x && this.y[at - 1] === y) {
      if (kind < this.kind[at - 1]!) this.#set(at - 1, x, y, z, kind);
      return;
    }
    if (at === this.x.length) {
      this.x = grow(this.x, at + 1);
      this.y = grow(this.y, at + 1);
      this.kind = grow(this.kind, at + 1);
      if (this.hasZ) this.z = grow(this.z, at + 1);
    }
    this.#set(at, x, y, z, kind);
    this.count++;
  }

  #set(at: number, x: number, y: number, z: number, kind: number): void {
    // Adding 0 makes −0 of it 0, which sorts and prints like any other.
    this.x[at] = x + 0;
    this.y[at] = y + 0;
    if (this.hasZ) this.z[at] = z;
    this.kind[at] = kind;
  }

  endRing(polygon: number, isShell: boolean): void {
    const first = this.offsets.at(-1)!;
    const last = this.count - 1;
    if (last > first && this.x[last] === this.x[first] && this.y[last] === this.y[first]) {
      this.count--;
    }
    if (this.count - first < MIN_VERTICES) {
      this.count = first;
      return;
    }
    this.offsets.push(this.count);
    this.polygonOf.push(polygon);
    this.isShell.push(isShell);
  }

  isFinite(): boolean {
    for (let i = 0; i < this.count; i++) {
      if (!Number.isFinite(this.x[i]!) || !Number.isFinite(this.y[i]!)) return false;
    }
    return true;
  }

  /** Chains without vertices, for the same polygons, on the same grid. */
  emptied(): Chains {
    const chains = new Chains(this.hasZ);
    chains.polygonCount = this.polygonCount;
    chains.#axisX = this.#axisX;
    chains.#axisY = this.#axisY;
    return chains;
  }

  /**
   * The chains on a grid around the feature's middle. Its pitch is what doubles tell apart at the largest
   * coordinate, or the extent, so that differences are doubles too. Most vertices stay where they are.
   */
  onGrid(): Chains {
    const chains = this.emptied();
    chains.#axisX = axisOf(this.x, this.count);
    chains.#axisY = axisOf(this.y, this.count);
    for (let r = 0; r < this.ringCount; r++) {
      for (let i = this.offsets[r]!; i < this.offsets[r + 1]!; i++) {
        const x = columnOf(this.x[i]!, chains.#axisX);
        const y = columnOf(this.y[i]!, chains.#axisY);
        chains.push(x, y, this.hasZ ? this.z[i]! : 0, this.kind[i]!);
      }
      chains.endRing(this.polygonOf[r]!, this.isShell[r]!);
    }
    return chains;
  }

  /** A coordinate of the grid as one of the feature. */
  xAt(column: number): number {
    return (column + this.#axisX.origin) * this.#axisX.pitch;
  }

  yAt(row: number): number {
    return (row + this.#axisY.origin) * this.#axisY.pitch;
  }
}

function columnOf(value: number, { origin, pitch }: Axis): number {
  return Math.round(value / pitch) - origin;
}

function axisOf(values: Float64Array, count: number): Axis {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const value = values[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  // An infinite extent has the spacing of the binade that is next to the largest doubles.
  const pitch = Math.max(spacing(Math.max(-min, max)), spacing(max - min));
  return { origin: Math.round(min / pitch + (max / 2 - min / 2) / pitch), pitch };
}

const bits = new DataView(new ArrayBuffer(8));

/** Distance of doubles from one of this magnitude to the next: a power of 2. */
function spacing(magnitude: number): number {
  bits.setFloat64(0, magnitude);
  const exponent = (bits.getUint16(0) >> 4) & 0x7ff;
  return 2 ** (Math.max(exponent, 1) - 1075);
}
