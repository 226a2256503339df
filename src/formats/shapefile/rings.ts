/**
 * Which rings of a shapefile's polygon belong together. The file only lists them: clockwise rings
 * are shells, counter-clockwise ones holes (ESRI Shapefile Technical Description, 1998, p. 8),
 * without saying whose.
 *
 * - A single ring is a shell, whatever its direction. A ring without area has none: it is a hole
 *   where a shell contains it.
 * - A hole belongs to the smallest shell that contains it; one that no ring contains is a shell.
 * - Of the rings in one that runs counter-clockwise though no ring contains it, the direction says
 *   nothing: those at an even depth of containment are shells, those at an odd depth holes. So are
 *   read the polygons of writers that keep GeoJSON's order, or none.
 * - If all run clockwise, each is a shell.
 */

import { ringSignedArea } from '../../geometry/measure.ts';
import { pointInRing } from '../../geometry/orientation.ts';
import { RingSlabs } from './ring-slabs.ts';

/** A ring of so many vertices gets an index once it has been asked so often. */
const INDEX_VERTICES = 256;
const INDEX_QUERIES = 16;

export interface RingGroups {
  /** Ring numbers, polygon after polygon: the shell, then its holes, both in the file's order. */
  order: Int32Array;
  /** Where each polygon begins in `order`, and after the last one the number of rings. */
  polygonStarts: Int32Array;
  /** Whether `order` is the file's order. */
  inOrder: boolean;
}

/**
 * Groups `count` rings into polygons. Ring r is the vertices [offsets[r], offsets[r + 1]) of
 * interleaved x, y, its closing vertex included.
 */
export function groupRings(xy: Float64Array, offsets: Int32Array, count: number): RingGroups {
  const areas = new Float64Array(count);
  let holes = 0;
  for (let r = 0; r < count; r++) {
    areas[r] = ringSignedArea(xy, offsets[r]!, offsets[r + 1]!);
    if (areas[r]! >= 0) holes++;
  }
  const shellOf = new Int32Array(count).fill(-1);
  if (count > 1 && holes > 0) {
    const byDirection = holes < count && groupByDirection(xy, offsets, areas, shellOf);
    if (!byDirection) groupByContainment(xy, offsets, areas, shellOf);
  }
  return arrange(shellOf);
}

/** Sets the shell of each counter-clockwise ring; false when one is in no clockwise ring. */
function groupByDirection(
  xy: Float64Array,
  offsets: Int32Array,
  areas: Float64Array,
  shellOf: Int32Array,
): boolean {
  const clockwise = areas.reduce<number[]>((rings, area, r) => {
    if (area < 0) rings.push(r);
    return rings;
  }, []);
  const nesting = new Nesting(xy, offsets, areas, Int32Array.from(clockwise));
  for (let r = 0; r < areas.length; r++) {
    if (areas[r]! < 0) continue;
    shellOf[r] = nesting.parent(r);
    if (shellOf[r] === -1) return false;
  }
  return true;
}

/** Sets the shell of each hole, where some outermost ring runs counter-clockwise. */
function groupByContainment(
  xy: Float64Array,
  offsets: Int32Array,
  areas: Float64Array,
  shellOf: Int32Array,
): void {
  const rings = Int32Array.from(areas.keys());
  const nesting = new Nesting(xy, offsets, areas, rings);
  // What contains a ring comes before it.
  rings.sort((a, b) => compareSizes(areas, b, a));
  for (const r of rings) {
    const around = nesting.containers(r);
    const outermost = around.at(-1);
    const reversed = outermost !== undefined && areas[outermost]! >= 0;
    const isHole = reversed ? around.length % 2 === 1 : areas[r]! >= 0;
    const isShell = (c: number): boolean => shellOf[c] === -1 && (reversed || areas[c]! < 0);
    shellOf[r] = isHole ? (around.find(isShell) ?? -1) : -1;
  }
}

/** Orders rings from small to large. Of equal ones the one that may contain the other is larger. */
function compareSizes(areas: Float64Array, a: number, b: number): number {
  const difference = Math.abs(areas[a]!) - Math.abs(areas[b]!);
  return difference || Number(areas[a]! < 0) - Number(areas[b]! < 0) || b - a;
}

function arrange(shellOf: Int32Array): RingGroups {
  const count = shellOf.length;
  const polygonOf = new Int32Array(count);
  let polygons = 0;
  for (let r = 0; r < count; r++) if (shellOf[r] === -1) polygonOf[r] = polygons++;
  const polygonStarts = new Int32Array(polygons + 1);
  for (let r = 0; r < count; r++) {
    if (shellOf[r] !== -1) polygonOf[r] = polygonOf[shellOf[r]!]!;
    polygonStarts[polygonOf[r]! + 1]!++;
  }
  for (let p = 0; p < polygons; p++) polygonStarts[p + 1]! += polygonStarts[p]!;
  const order = new Int32Array(count);
  const next = polygonStarts.map((start) => start + 1);
  let inOrder = true;
  for (let r = 0; r < count; r++) {
    const polygon = polygonOf[r]!;
    const at = shellOf[r] === -1 ? polygonStarts[polygon]! : next[polygon]!++;
    order[at] = r;
    if (at !== r) inOrder = false;
  }
  return { order, polygonStarts, inOrder };
}

/**
 * Finds the rings around a ring. Those that may be around another are sorted by minX and cut into
 * blocks of √n with a bounding box each, so that most are never looked at.
 */
class Nesting {
  readonly #xy: Float64Array;
  readonly #offsets: Int32Array;
  readonly #areas: Float64Array;
  /** minX, minY, maxX, maxY of each ring. */
  readonly #boxes: Float64Array;
  /** Rings that may be parents, sorted by minX. */
  readonly #parents: Int32Array;
  readonly #blockSize: number;
  /** minY, maxX, maxY of each block of parents. */
  readonly #blocks: Float64Array;
  readonly #queries: Int32Array;
  readonly #slabs = new Map<number, RingSlabs>();

  /** @param outer - the rings that may be around others */
  constructor(xy: Float64Array, offsets: Int32Array, areas: Float64Array, outer: Int32Array) {
    const count = areas.length;
    this.#xy = xy;
    this.#offsets = offsets;
    this.#areas = areas;
    this.#queries = new Int32Array(count);
    const boxes = ringBoxes(xy, offsets, count);
    this.#boxes = boxes;
    const parents = outer.slice().sort((a, b) => boxes[4 * a]! - boxes[4 * b]!);
    const blockSize = Math.ceil(Math.sqrt(parents.length));
    const blocks = new Float64Array(3 * Math.ceil(parents.length / blockSize));
    for (let at = 0; at < blocks.length; at += 3) {
      blocks[at] = Number.POSITIVE_INFINITY;
      blocks[at + 1] = Number.NEGATIVE_INFINITY;
      blocks[at + 2] = Number.NEGATIVE_INFINITY;
    }
    parents.forEach((ring, i) => {
      const at = 3 * Math.floor(i / blockSize);
      blocks[at] = Math.min(blocks[at]!, boxes[4 * ring + 1]!);
      blocks[at + 1] = Math.max(blocks[at + 1]!, boxes[4 * ring + 2]!);
      blocks[at + 2] = Math.max(blocks[at + 2]!, boxes[4 * ring + 3]!);
    });
    this.#parents = parents;
    this.#blockSize = blockSize;
    this.#blocks = blocks;
  }

  /** The smallest ring that contains ring r, or −1. */
  parent(r: number): number {
    for (const candidate of this.#candidates(r)) if (this.#contains(candidate, r)) return candidate;
    return -1;
  }

  /** All rings that contain ring r, from the smallest on. */
  containers(r: number): number[] {
    return this.#candidates(r).filter((candidate) => this.#contains(candidate, r));
  }

  /** Rings that are larger than r and whose bounding boxes contain that of r, the smallest first. */
  #candidates(r: number): number[] {
    const boxes = this.#boxes;
    const parents = this.#parents;
    const blocks = this.#blocks;
    const areas = this.#areas;
    const minX = boxes[4 * r]!;
    const minY = boxes[4 * r + 1]!;
    const maxX = boxes[4 * r + 2]!;
    const maxY = boxes[4 * r + 3]!;
    const found: number[] = [];
    for (let block = 0; 3 * block < blocks.length; block++) {
      const first = block * this.#blockSize;
      if (boxes[4 * parents[first]!]! > minX) break;
      if (
        blocks[3 * block]! > minY ||
        blocks[3 * block + 1]! < maxX ||
        blocks[3 * block + 2]! < maxY
      ) {
        continue;
      }
      const last = Math.min(first + this.#blockSize, parents.length);
      for (let i = first; i < last; i++) {
        const ring = parents[i]!;
        const at = 4 * ring;
        if (boxes[at]! > minX) break;
        if (boxes[at + 1]! > minY || boxes[at + 2]! < maxX || boxes[at + 3]! < maxY) continue;
        if (compareSizes(areas, ring, r) > 0) found.push(ring);
      }
    }
    return found.length > 1 ? found.sort((a, b) => compareSizes(areas, a, b)) : found;
  }

  /**
   * Whether ring `inner` is in ring `outer`: its first vertex that is not on `outer` decides, for
   * holes touch their shells. If all are on it, the middles of the edges vote.
   */
  #contains(outer: number, inner: number): boolean {
    const xy = this.#xy;
    const start = 2 * this.#offsets[inner]!;
    const end = 2 * this.#offsets[inner + 1]!;
    for (let i = start; i < end; i += 2) {
      const side = this.#locate(outer, xy[i]!, xy[i + 1]!);
      if (side !== 0) return side > 0;
    }
    let votes = 0;
    for (let i = start; i < end - 2; i += 2) {
      const x = xy[i]! / 2 + xy[i + 2]! / 2;
      const y = xy[i + 1]! / 2 + xy[i + 3]! / 2;
      votes += this.#locate(outer, x, y);
    }
    return votes >= 0;
  }

  #locate(outer: number, x: number, y: number): -1 | 0 | 1 {
    const start = this.#offsets[outer]!;
    const end = this.#offsets[outer + 1]!;
    let slabs = this.#slabs.get(outer);
    if (slabs === undefined) {
      const queries = this.#queries[outer]!++;
      if (end - start < INDEX_VERTICES || queries < INDEX_QUERIES) {
        return pointInRing(x, y, this.#xy, start, end);
      }
      slabs = new RingSlabs(this.#xy, start, end);
      this.#slabs.set(outer, slabs);
    }
    return slabs.locate(x, y);
  }
}

function ringBoxes(xy: Float64Array, offsets: Int32Array, count: number): Float64Array {
  const boxes = new Float64Array(4 * count);
  for (let r = 0; r < count; r++) {
    let minX = Number.POSITIVE_INFINITY;
    let minY = Number.POSITIVE_INFINITY;
    let maxX = Number.NEGATIVE_INFINITY;
    let maxY = Number.NEGATIVE_INFINITY;
    for (let i = 2 * offsets[r]!; i < 2 * offsets[r + 1]!; i += 2) {
      const x = xy[i]!;
      const y = xy[i + 1]!;
      if (x < minX) minX = x;
      if (x > maxX) maxX = x;
      if (y < minY) minY = y;
      if (y > maxY) maxY = y;
    }
    boxes[4 * r] = minX;
    boxes[4 * r + 1] = minY;
    boxes[4 * r + 2] = maxX;
    boxes[4 * r + 3] = maxY;
  }
  return boxes;
}
