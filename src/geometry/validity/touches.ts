/**
 * Rings of a polygon that touch part its interior if there is a way around by rings and touching
 * points that uses none twice (JTS: a cycle of touching rings). Sets of what is joined already tell,
 * point by point, whether a new touch closes such a way: union–find with path halving.
 */

import { grow } from '../batch.ts';

export class Touches {
  #parent = new Int32Array(64);
  #count = 0;
  /** By polygon, which is named by its shell: the point that it was last met at, and its element. */
  #metAt = new Int32Array(16);
  #element = new Int32Array(16);

  clear(ringCount: number): void {
    if (ringCount > this.#metAt.length) {
      this.#metAt = grow(this.#metAt, ringCount);
      this.#element = grow(this.#element, ringCount);
    }
    if (ringCount > this.#parent.length) this.#parent = grow(this.#parent, ringCount);
    this.#metAt.fill(-1, 0, ringCount);
    for (let r = 0; r < ringCount; r++) this.#parent[r] = r;
    this.#count = ringCount;
  }

  /** Says that a ring goes through a point. Returns whether that parts the polygon's interior. */
  add(ring: number, polygon: number, point: number): boolean {
    if (this.#metAt[polygon] !== point) {
      this.#metAt[polygon] = point;
      const element = this.#count++;
      if (element >= this.#parent.length) this.#parent = grow(this.#parent, element + 1);
      this.#parent[element] = this.#root(ring);
      this.#element[polygon] = element;
      return false;
    }
    const a = this.#root(ring);
    const b = this.#root(this.#element[polygon]!);
    this.#parent[a] = b;
    return a === b;
  }

  #root(element: number): number {
    const parent = this.#parent;
    while (parent[element] !== element) {
      parent[element] = parent[parent[element]!]!;
      element = parent[element]!;
    }
    return element;
  }
}
