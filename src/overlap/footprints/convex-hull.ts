/** The convex hull of vertices that come in batches. */

import { type FeatureBatch, grow } from '../../geometry/batch.ts';
import { orient2d } from '../../geometry/orientation.ts';

/** Vertices that are collected before they are reduced to their hull. */
const ROOM = 1 << 16;

export class ConvexHull {
  #xy = new Float64Array(2 * ROOM);
  #count = 0;
  /** How many there may be before they are reduced again. */
  #room = ROOM;

  add({ xy, vertexCount }: FeatureBatch): void {
    for (let v = 0; v < vertexCount; v++) {
      if (this.#count === this.#room) this.#reduce();
      this.#xy[2 * this.#count] = xy[2 * v]!;
      this.#xy[2 * this.#count + 1] = xy[2 * v + 1]!;
      this.#count++;
    }
  }

  #reduce(): void {
    const hull = this.ring();
    this.#count = hull.length / 2;
    this.#room = Math.max(ROOM, 2 * this.#count);
    if (2 * this.#room > this.#xy.length) this.#xy = grow(this.#xy, 2 * this.#room);
    this.#xy.set(hull);
  }

  /**
   * The hull as a closed ring, counter-clockwise, without vertices on its straight sides; empty for
   * vertices on one line. Andrew's monotone chain (1979): the lower side, then the upper.
   */
  ring(): Float64Array {
    const xy = this.#xy;
    const order = Array.from({ length: this.#count }, (_, k) => k).sort(
      (a, b) => xy[2 * a]! - xy[2 * b]! || xy[2 * a + 1]! - xy[2 * b + 1]!,
    );
    const chain = [...half(order, xy), ...half(order.reverse(), xy)];
    if (chain.length < 3) return new Float64Array(0);
    chain.push(chain[0]!);
    return Float64Array.from(chain.flatMap((k) => [xy[2 * k]!, xy[2 * k + 1]!]));
  }
}

/** The side that turns left along the order, without its last vertex. */
function half(order: readonly number[], xy: Float64Array): number[] {
  const chain: number[] = [];
  for (const k of order) {
    while (chain.length >= 2 && !turnsLeft(chain.at(-2)!, chain.at(-1)!, k, xy)) chain.pop();
    chain.push(k);
  }
  return chain.slice(0, -1);
}

function turnsLeft(a: number, b: number, c: number, xy: Float64Array): boolean {
  const i = 2 * a;
  const j = 2 * b;
  const k = 2 * c;
  return orient2d(xy[i]!, xy[i + 1]!, xy[j]!, xy[j + 1]!, xy[k]!, xy[k + 1]!) > 0;
}
