/**
 * Areas of what polygons have in common, plainly: sums over triangles, clipped one against the other.
 */

/** Polygons of rings, the shell first, whose last position repeats the first. */
export type Polygons = readonly (readonly (readonly (readonly number[])[])[])[];

/** x and y of three corners, counter-clockwise, and 1 or −1: what it adds to the polygon. */
interface Triangle {
  corners: number[];
  sign: number;
}

export class Shape {
  readonly triangles: Triangle[] = [];
  readonly area: number;
  readonly centroid: readonly [number, number];
  readonly bounds: readonly [number, number, number, number];

  constructor(polygons: Polygons) {
    const positions = polygons.flat(2);
    const xs = positions.map(([x]) => x!);
    const ys = positions.map(([, y]) => y!);
    this.bounds = [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
    const [apexX, apexY] = positions[0] as [number, number];
    let [area, momentX, momentY] = [0, 0, 0];
    for (const rings of polygons) {
      for (const [r, ring] of rings.entries()) {
        // From the apex to every edge: what is outside is taken away as often as it is added.
        const fan = ring.slice(1).map(([x2, y2], k) => {
          const [x1, y1] = ring[k] as [number, number];
          const cross = (x1 - apexX) * (y2! - apexY) - (x2! - apexX) * (y1 - apexY);
          return { x1, y1, x2: x2!, y2: y2!, cross };
        });
        const turn = Math.sign(fan.reduce((sum, { cross }) => sum + cross, 0)) * (r === 0 ? 1 : -1);
        for (const { x1, y1, x2, y2, cross } of fan) {
          if (cross === 0) continue;
          const signed = (turn * cross) / 2;
          area += signed;
          momentX += (signed * (x1 - apexX + (x2 - apexX))) / 3;
          momentY += (signed * (y1 - apexY + (y2 - apexY))) / 3;
          const corners =
            cross > 0 ? [apexX, apexY, x1, y1, x2, y2] : [apexX, apexY, x2, y2, x1, y1];
          this.triangles.push({ corners, sign: Math.sign(signed) });
        }
      }
    }
    this.area = area;
    this.centroid = [apexX + momentX / area, apexY + momentY / area];
  }

  meetsBoxOf({ bounds: [minX, minY, maxX, maxY] }: Shape): boolean {
    const [left, bottom, right, top] = this.bounds;
    return left <= maxX && minX <= right && bottom <= maxY && minY <= top;
  }
}

/** Area of what all of the shapes have in common. */
export function commonArea(shapes: readonly Shape[]): number {
  // Seen from one of their corners, for digits that all have in common are lost to the products.
  const [x0, y0] = shapes[0]!.triangles[0]!.corners as [number, number];
  const [first, ...others] = shapes.map(({ triangles }) => {
    return triangles.map(({ corners, sign }) => {
      return { corners: corners.map((value, k) => value - (k % 2 === 0 ? x0 : y0)), sign };
    });
  });
  let sum = 0;
  for (const { corners, sign } of first!) sum += sign * clippedBy(corners, others);
  return sum;
}

/** Area of what a convex part has in common with all of the shapes. */
function clippedBy(
  part: readonly number[],
  [triangles, ...others]: readonly (readonly Triangle[])[],
): number {
  if (triangles === undefined) return convexArea(part);
  let sum = 0;
  for (const { corners, sign } of triangles) {
    if (areApart(part, corners)) continue;
    const clipped = clip(part, corners);
    if (clipped.length > 0) sum += sign * clippedBy(clipped, others);
  }
  return sum;
}

function areApart(part: readonly number[], triangle: readonly number[]): boolean {
  for (const axis of [0, 1]) {
    const [a, b, c] = [triangle[axis]!, triangle[axis + 2]!, triangle[axis + 4]!];
    const [low, high] = [Math.min(a, b, c), Math.max(a, b, c)];
    let [isBelow, isAbove] = [true, true];
    for (let k = axis; k < part.length; k += 2) {
      if (part[k]! > low) isBelow = false;
      if (part[k]! < high) isAbove = false;
    }
    if (isBelow || isAbove) return true;
  }
  return false;
}

/** The part of a convex polygon that lies in a triangle, both counter-clockwise (Sutherland, Hodgman 1974). */
function clip(polygon: readonly number[], triangle: readonly number[]): number[] {
  let part = [...polygon];
  for (let side = 0; side < 6 && part.length > 0; side += 2) {
    const [fromX, fromY] = [triangle[side]!, triangle[side + 1]!];
    const alongX = triangle[(side + 2) % 6]! - fromX;
    const alongY = triangle[(side + 3) % 6]! - fromY;
    const left = (k: number) => alongX * (part[k + 1]! - fromY) - alongY * (part[k]! - fromX);
    const kept: number[] = [];
    for (let k = 0; k < part.length; k += 2) {
      const next = (k + 2) % part.length;
      const [here, there] = [left(k), left(next)];
      if (here >= 0) kept.push(part[k]!, part[k + 1]!);
      if (here > 0 === there > 0 || here === 0 || there === 0) continue;
      const t = here / (here - there);
      kept.push(part[k]! + t * (part[next]! - part[k]!));
      kept.push(part[k + 1]! + t * (part[next + 1]! - part[k + 1]!));
    }
    part = kept;
  }
  return part;
}

function convexArea(part: readonly number[]): number {
  let twice = 0;
  for (let k = 2; k + 3 < part.length; k += 2) {
    const [x1, y1] = [part[k]! - part[0]!, part[k + 1]! - part[1]!];
    const [x2, y2] = [part[k + 2]! - part[0]!, part[k + 3]! - part[1]!];
    twice += x1 * y2 - x2 * y1;
  }
  return twice / 2;
}
