/**
 * The edges that the sweep line meets, from bottom to top: a treap (Seidel and Aragon, Randomized
 * search trees, 1996) of places, each of which holds an edge, and a list of them in order. A place
 * can be given to another edge, which costs nothing; most vertices of a ring need no more.
 */

import { grow } from '../batch.ts';

/** No place. */
export const NONE = 0;

export class Status {
  /** By place: the edge in it, the places next to it. */
  edge = new Int32Array(64);
  above = new Int32Array(64);
  below = new Int32Array(64);
  root = NONE;
  /** By place, of the tree: parent, the child below, that above, and the heap's key. */
  lower = new Int32Array(64);
  upper = new Int32Array(64);
  #parent = new Int32Array(64);
  #priority = new Int32Array(64);
  #random = 1;
  #used = 0;
  #free = NONE;

  clear(): void {
    this.root = NONE;
    this.#used = 0;
    this.#free = NONE;
    this.#random = 0x2545f491;
  }

  /** The place below all others. */
  lowest(): number {
    let place = this.root;
    while (place !== NONE && this.lower[place] !== NONE) place = this.lower[place]!;
    return place;
  }

  /** Puts an edge next above a place; lowest of all with NONE. Returns its place. */
  insertAbove(place: number, edge: number): number {
    if (this.root === NONE) {
      const only = this.#take(edge);
      this.root = only;
      return only;
    }
    if (place === NONE) {
      const lowest = this.lowest();
      return this.#attach(edge, lowest, NONE, lowest, true);
    }
    const over = this.above[place]!;
    // Of two that are next to each other, one has no child on the side of the other.
    return this.upper[place] === NONE
      ? this.#attach(edge, place, place, over, false)
      : this.#attach(edge, over, place, over, true);
  }

  remove(place: number): void {
    const { above, below, lower, upper } = this;
    const parent = this.#parent;
    while (lower[place] !== NONE || upper[place] !== NONE) {
      const a = lower[place]!;
      const b = upper[place]!;
      this.#rotateUp(b === NONE || (a !== NONE && this.#priority[a]! < this.#priority[b]!) ? a : b);
    }
    const p = parent[place]!;
    if (p === NONE) this.root = NONE;
    else if (lower[p] === place) lower[p] = NONE;
    else upper[p] = NONE;
    const under = below[place]!;
    const over = above[place]!;
    if (under !== NONE) above[under] = over;
    if (over !== NONE) below[over] = under;
    parent[place] = this.#free;
    this.#free = place;
  }

  #attach(edge: number, to: number, under: number, over: number, asLower: boolean): number {
    const place = this.#take(edge);
    const parent = this.#parent;
    const priority = this.#priority;
    if (asLower) this.lower[to] = place;
    else this.upper[to] = place;
    parent[place] = to;
    this.below[place] = under;
    this.above[place] = over;
    if (under !== NONE) this.above[under] = place;
    if (over !== NONE) this.below[over] = place;
    while (parent[place] !== NONE && priority[place]! < priority[parent[place]!]!) {
      this.#rotateUp(place);
    }
    return place;
  }

  #take(edge: number): number {
    let place = this.#free;
    if (place !== NONE) {
      this.#free = this.#parent[place]!;
    } else {
      place = ++this.#used;
      if (place >= this.edge.length) this.#grow();
    }
    let r = this.#random;
    r ^= r << 13;
    r ^= r >>> 17;
    r ^= r << 5;
    this.#random = r;
    this.edge[place] = edge;
    this.#priority[place] = r;
    this.#parent[place] = NONE;
    this.lower[place] = NONE;
    this.upper[place] = NONE;
    this.above[place] = NONE;
    this.below[place] = NONE;
    return place;
  }

  /** Makes a place the parent of its parent. */
  #rotateUp(place: number): void {
    const { lower, upper } = this;
    const parent = this.#parent;
    const p = parent[place]!;
    const grandparent = parent[p]!;
    let moved: number;
    if (lower[p] === place) {
      moved = upper[place]!;
      upper[place] = p;
      lower[p] = moved;
    } else {
      moved = lower[place]!;
      lower[place] = p;
      upper[p] = moved;
    }
    if (moved !== NONE) parent[moved] = p;
    parent[p] = place;
    parent[place] = grandparent;
    if (grandparent === NONE) this.root = place;
    else if (lower[grandparent] === p) lower[grandparent] = place;
    else upper[grandparent] = place;
  }

  #grow(): void {
    const size = 2 * this.edge.length;
    this.edge = grow(this.edge, size);
    this.above = grow(this.above, size);
    this.below = grow(this.below, size);
    this.lower = grow(this.lower, size);
    this.upper = grow(this.upper, size);
    this.#parent = grow(this.#parent, size);
    this.#priority = grow(this.#priority, size);
  }
}
