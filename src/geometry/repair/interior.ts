/**
 * Which faces of an arrangement are inside of the feature, as GEOS's MakeValid by structure has it.
 *
 * What a ring goes around, in either direction, is its own (winding number not 0). A polygon is what its
 * shell has and none of its holes, but holes that don't meet their shell, not even in a vertex, are added
 * to it. The feature is what any polygon is.
 */

import type { Arrangement } from './arrangement.ts';
import type { Chains } from './chains.ts';

/** For each cycle, 1 if its face is inside. */
export function findInterior(arrangement: Arrangement, chains: Chains): Uint8Array {
  const interior = new Interior(arrangement, chains);
  const inside = interior.walk();
  return interior.findIslands() ? interior.walk() : inside;
}

class Interior {
  readonly #arrangement: Arrangement;
  readonly #polygonOf: readonly number[];
  readonly #isShell: readonly boolean[];

  /** Of each ring: how often it goes around the current face; */
  readonly #winding: Int32Array;
  /** 1 if it goes around any face; 1 if a hole and its shell go around the same; 1 if it is added. */
  readonly #hasArea: Uint8Array;
  readonly #meetsShell: Uint8Array;
  readonly #isIsland: Uint8Array;

  /** Of each polygon at the current face: whether the shell goes around it; by how many holes. */
  readonly #inShell: Uint8Array;
  readonly #holes: Int32Array;
  readonly #islands: Int32Array;
  /** Polygons that have the current face. */
  #depth = 0;

  constructor(arrangement: Arrangement, { ringCount, polygonCount, polygonOf, isShell }: Chains) {
    this.#arrangement = arrangement;
    this.#polygonOf = polygonOf;
    this.#isShell = isShell;
    this.#winding = new Int32Array(ringCount);
    this.#hasArea = new Uint8Array(ringCount);
    this.#meetsShell = new Uint8Array(ringCount);
    this.#isIsland = new Uint8Array(ringCount);
    this.#inShell = new Uint8Array(polygonCount);
    this.#holes = new Int32Array(polygonCount);
    this.#islands = new Int32Array(polygonCount);
  }

  /** Goes from face to face, keeping count of what each edge changes, and back. */
  walk(visit?: (cycle: number) => void): Uint8Array {
    const { cycleCount, cycleOf, starts, firstInner, nextInner } = this.#arrangement;
    const inside = new Uint8Array(cycleCount);
    const seen = new Uint8Array(cycleCount);
    // By which half-edge a cycle was entered, and with which it goes on; −1: none.
    const entries = new Int32Array(cycleCount).fill(-1);
    const cursors = Int32Array.from(starts);
    const inners = firstInner.slice();
    const stack = [cycleCount - 1];
    while (stack.length > 0) {
      const cycle = stack.at(-1)!;
      if (seen[cycle] === 0) {
        seen[cycle] = 1;
        inside[cycle] = this.#depth > 0 ? 1 : 0;
        visit?.(cycle);
      }
      const half = cursors[cycle]!;
      const inner = inners[cycle]!;
      if (half >= 0) {
        const next = this.#arrangement.next(half);
        cursors[cycle] = next === starts[cycle] ? -1 : next;
        const beyond = cycleOf[half ^ 1]!;
        if (seen[beyond] !== 0) continue;
        this.#cross(half);
        entries[beyond] = half;
        stack.push(beyond);
      } else if (inner >= 0) {
        inners[cycle] = nextInner[inner]!;
        stack.push(inner);
      } else {
        stack.pop();
        if (entries[cycle]! >= 0) this.#cross(entries[cycle]! ^ 1);
      }
    }
    return inside;
  }

  /** From the face on the left of the half-edge to that on the right. */
  #cross(half: number): void {
    const { windingOffsets, rings, windings } = this.#arrangement;
    const edge = half >> 1;
    const sign = (half & 1) === 0 ? -1 : 1;
    for (let k = windingOffsets[edge]!; k < windingOffsets[edge + 1]!; k++) {
      const ring = rings[k]!;
      const before = this.#winding[ring]!;
      const after = before + sign * windings[k]!;
      this.#winding[ring] = after;
      if ((before === 0) !== (after === 0)) this.#toggle(ring, before === 0 ? 1 : -1);
    }
  }

  /** @param change - 1 if the ring begins to go around the current face, −1 if it ends */
  #toggle(ring: number, change: 1 | -1): void {
    const p = this.#polygonOf[ring]!;
    this.#depth -= this.#has(p);
    this.#hasArea[ring] = 1;
    if (this.#isShell[ring]) {
      this.#inShell[p]! += change;
      if (change > 0 && this.#holes[p]! > 0) this.#meetAll(ring);
    } else if (this.#isIsland[ring] !== 0) {
      this.#islands[p]! += change;
    } else {
      this.#holes[p]! += change;
      if (this.#inShell[p]! > 0) this.#meetsShell[ring] = 1;
    }
    this.#depth += this.#has(p);
  }

  #has(p: number): 0 | 1 {
    return (this.#inShell[p]! > 0 && this.#holes[p] === 0) || this.#islands[p]! > 0 ? 1 : 0;
  }

  /** The holes that go around the current face, as their shell now does. */
  #meetAll(shell: number): void {
    const p = this.#polygonOf[shell]!;
    for (let r = shell + 1; this.#polygonOf[r] === p; r++) {
      if (this.#winding[r] !== 0) this.#meetsShell[r] = 1;
    }
  }

  /** Tells holes apart that are to be added, after a walk; whether there are any. */
  findIslands(): boolean {
    const shellOf = new Map<number, number>();
    const apart: number[] = [];
    for (const [r, p] of this.#polygonOf.entries()) {
      if (this.#hasArea[r] === 0) continue;
      if (this.#isShell[r]) shellOf.set(p, r);
      // A shell comes before its holes.
      else if (this.#meetsShell[r] === 0 && shellOf.has(p)) apart.push(r);
    }
    if (apart.length === 0) return false;
    const bounds = this.#findBounds();
    for (const hole of apart) {
      const shell = bounds.get(shellOf.get(this.#polygonOf[hole]!)!)!;
      if (![...bounds.get(hole)!].some((v) => shell.has(v))) this.#isIsland[hole] = 1;
    }
    return this.#isIsland.includes(1);
  }

  /** Of each ring with area: the vertices on the edge of what it goes around. */
  #findBounds(): Map<number, Set<number>> {
    const { starts, windingOffsets, rings, windings, lower, upper } = this.#arrangement;
    const bounds = new Map<number, Set<number>>();
    this.walk((cycle) => {
      const start = starts[cycle]!;
      for (let half = start; half >= 0; ) {
        const edge = half >> 1;
        // Each edge once, from its left.
        const end = (half & 1) === 0 ? windingOffsets[edge + 1]! : 0;
        for (let k = windingOffsets[edge]!; k < end; k++) {
          const ring = rings[k]!;
          const left = this.#winding[ring]!;
          if ((left === 0) === (left - windings[k]! === 0)) continue;
          if (!bounds.has(ring)) bounds.set(ring, new Set());
          bounds.get(ring)!.add(lower[edge]!).add(upper[edge]!);
        }
        half = this.#arrangement.next(half);
        if (half === start) break;
      }
    });
    return bounds;
  }
}
