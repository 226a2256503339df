/** Lines of longitudes and latitudes in a CRS: bent as it bends them, cut where it is cut. */

import { coordinatesOf } from '../../../../crs/coordinates.ts';
import type { CrsDefinition } from '../../../../crs/definition.ts';
import type { Box } from '../../../shared/messages.ts';

/** A piece of a line without gaps. */
export interface Piece {
  /** x, y, x, y, … in units of the CRS. */
  xy: Float64Array;
  box: Box;
}

interface Point {
  longitude: number;
  latitude: number;
  x: number;
  y: number;
}

/** Between two points of a line lie at most 2^6 others. */
const MAX_DEPTH = 6;
/** How far a line's middle may be from that of its ends, in lengths of it: to be straight, to be there. */
const STRAIGHT = 0.01;
const WHOLE = 0.3;
/** Degrees that a place may be off, there and back. */
const NEAR = 1e-3;

export class CrsLines {
  readonly #coordinates: ReturnType<typeof coordinatesOf>;
  readonly #xy = new Float64Array(2);

  constructor(definition: CrsDefinition) {
    this.#coordinates = coordinatesOf(definition);
  }

  /** [x, y]; null for what the CRS has no place for. */
  fromDegrees(longitude: number, latitude: number): [number, number] | null {
    const { fromDegrees, toDegrees, middle } = this.#coordinates;
    const xy = this.#xy;
    // An axis that goes round the Earth begins half a turn from its middle.
    xy[0] = middle === null ? longitude : middle + halfTurn(longitude - middle);
    xy[1] = latitude;
    fromDegrees?.(xy, 0, 1);
    const [x, y] = [xy[0]!, xy[1]!];
    if (!Number.isFinite(x) || !Number.isFinite(y)) return null;
    // Far from where they are meant for, some formulas give the places of others.
    toDegrees?.(xy, 0, 1);
    const east = halfTurn(xy[0]! - longitude) * Math.cos((latitude * Math.PI) / 180);
    return Math.abs(east) < NEAR && Math.abs(xy[1]! - latitude) < NEAR ? [x, y] : null;
  }

  /** [longitude, latitude]; null for a place that is none on the Earth. */
  toDegrees(x: number, y: number): [number, number] | null {
    const xy = this.#xy;
    xy[0] = x;
    xy[1] = y;
    this.#coordinates.toDegrees?.(xy, 0, 1);
    const [longitude, latitude] = [xy[0]!, xy[1]!];
    if (!(Math.abs(longitude) <= 540 && Math.abs(latitude) <= 90)) return null;
    return [longitude, latitude];
  }

  /**
   * The pieces of a line that have a place. Between neighbours the shorter way round is taken.
   * @param degrees - longitude, latitude, longitude, …
   */
  project(degrees: ArrayLike<number>): Piece[] {
    const pieces: Piece[] = [];
    let open: number[] = [];
    const close = (): void => {
      if (open.length >= 4) pieces.push(pieceOf(open));
      open = [];
    };
    const add = (from: Point, to: Point, depth: number): void => {
      const way = halfTurn(to.longitude - from.longitude);
      const middle = this.#point(from.longitude + way / 2, (from.latitude + to.latitude) / 2);
      const off = Math.hypot(middle.x - (from.x + to.x) / 2, middle.y - (from.y + to.y) / 2);
      const length = Math.hypot(to.x - from.x, to.y - from.y);
      const isWhole = off <= WHOLE * length;
      if (isWhole && (off <= STRAIGHT * length || depth === MAX_DEPTH)) {
        if (open.length === 0) open.push(from.x, from.y);
        open.push(to.x, to.y);
      } else if (depth === MAX_DEPTH || [from.x, middle.x, to.x].every(Number.isNaN)) close();
      else {
        add(from, middle, depth + 1);
        add(middle, to, depth + 1);
      }
    };
    let last: Point | null = null;
    for (let k = 0; k < degrees.length; k += 2) {
      const point = this.#point(degrees[k]!, degrees[k + 1]!);
      if (last !== null) add(last, point, 0);
      last = point;
    }
    close();
    return pieces;
  }

  #point(longitude: number, latitude: number): Point {
    const [x, y] = this.fromDegrees(longitude, latitude) ?? [Number.NaN, Number.NaN];
    return { longitude, latitude, x, y };
  }
}

/** −180 ≤ result ≤ 180, and both ends as they are. */
export function halfTurn(degrees: number): number {
  if (degrees >= -180 && degrees <= 180) return degrees;
  return degrees - 360 * Math.floor((degrees + 180) / 360);
}

function pieceOf(open: readonly number[]): Piece {
  const box: Box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let k = 0; k < open.length; k += 2) {
    const [x, y] = [open[k]!, open[k + 1]!];
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return { xy: Float64Array.from(open), box };
}
