/** Vertices from left to right: by x, and by y where that is the same. */

import { grow } from '../batch.ts';

const RUN = 8;

export class VertexOrder {
  /** The vertices in order, once they are sorted. */
  vertices = new Int32Array(64);
  #other = new Int32Array(64);

  /** Sorts vertices 0 … count of interleaved coordinates, by merging runs. */
  sort(xy: Float64Array, count: number): void {
    if (count > this.vertices.length) {
      this.vertices = grow(this.vertices, count);
      this.#other = grow(this.#other, this.vertices.length);
    }
    let from = this.vertices;
    let to = this.#other;
    for (let start = 0; start < count; start += RUN) {
      const end = Math.min(start + RUN, count);
      for (let i = start; i < end; i++) {
        let j = i;
        for (; j > start && isBefore(xy, i, from[j - 1]!); j--) from[j] = from[j - 1]!;
        from[j] = i;
      }
    }
    for (let width = RUN; width < count; width *= 2) {
      for (let start = 0; start < count; start += 2 * width) {
        const middle = Math.min(start + width, count);
        const end = Math.min(start + 2 * width, count);
        let i = start;
        let j = middle;
        for (let k = start; k < end; k++) {
          const second = i === middle || (j < end && isBefore(xy, from[j]!, from[i]!));
          to[k] = second ? from[j++]! : from[i++]!;
        }
      }
      [from, to] = [to, from];
    }
    this.vertices = from;
    this.#other = to;
  }
}

/** Whether vertex a comes before vertex b; false where they are in one place. */
export function isBefore(xy: Float64Array, a: number, b: number): boolean {
  const x = xy[2 * a]!;
  const other = xy[2 * b]!;
  return x < other || (x === other && xy[2 * a + 1]! < xy[2 * b + 1]!);
}
