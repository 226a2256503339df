/** What the check of one feature found: bits of kinds, and where the first one is. */

import type { InvalidKind } from './kinds.ts';
import { bitOf, INVALID, INVALID_KINDS } from './kinds.ts';

export class Findings {
  bits = 0;
  /** Place of the first fault, or else of the first remark. */
  x = Number.NaN;
  y = Number.NaN;
  kind: InvalidKind | null = null;

  clear(): void {
    this.bits = 0;
    this.kind = null;
  }

  add(bit: number, x: number, y: number): void {
    if (this.kind === null || (this.bits & INVALID) === 0) {
      this.kind = INVALID_KINDS[31 - Math.clz32(bit)]!;
      this.x = x;
      this.y = y;
    }
    this.bits |= bit;
  }
}

export const SELF_CROSSING = bitOf('self-crossing');
export const SPIKE = bitOf('spike');
export const UNCLOSED = bitOf('unclosed');
export const TOO_FEW_POINTS = bitOf('too few points');
export const DUPLICATE_RING = bitOf('duplicate ring');
export const HOLE_OUTSIDE = bitOf('hole outside its shell');
export const NESTED_SHELLS = bitOf('nested shells');
export const ZERO_AREA = bitOf('zero area');
export const WRONG_ORIENTATION = bitOf('wrong orientation');
export const NESTED_HOLES = bitOf('nested holes');
export const CROSSING_RINGS = bitOf('crossing rings');
export const OVERLAPPING_POLYGONS = bitOf('overlapping polygons');
export const DISCONNECTED_INTERIOR = bitOf('disconnected interior');
export const NON_FINITE = bitOf('non-finite coordinate');
