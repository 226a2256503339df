/** Vertices between, so that edges that are straight in one CRS are nearly so in another. */

import type { Crs } from '../../../crs/resolve.ts';
import { cyclicX, type Transform } from '../../../crs/transform.ts';
import { FeatureBatch } from '../../../geometry/batch.ts';

/** How far an edge may be from where it should be: metres, as the CRS it goes to has them there. */
const TOLERANCE = 1e-4;
/** Pieces that one edge is cut into at once, and how often a piece is cut again. */
const MOST_PIECES = 256;
const MOST_CUTS = 3;

/**
 * The polygons with vertices added on their edges, in the CRS in which they are straight: transformed,
 * each edge is then nearer than 1e-4 m to the curve that it is on. How far off it is is looked at in its
 * quarters; that falls with the square of the number of pieces.
 * @param dense - takes them; where nothing changes the source is returned
 */
export function withStraightEdges(
  source: FeatureBatch,
  transform: Transform,
  target: Crs,
  dense = new FeatureBatch(),
): FeatureBatch {
  if (transform.identity) return source;
  const deviation = new Deviation(transform, target);
  dense.clear();
  const { xy, ringOffsets, polygonOffsets, featureOffsets } = source;
  for (let i = 0; i < source.featureCount; i++) {
    dense.beginFeature(source.positions[i]!);
    for (let p = featureOffsets[i]!; p < featureOffsets[i + 1]!; p++) {
      dense.beginPolygon();
      for (let r = polygonOffsets[p]!; r < polygonOffsets[p + 1]!; r++) {
        dense.beginRing();
        const end = ringOffsets[r + 1]! - 1;
        for (let v = ringOffsets[r]!; v < end; v++) {
          const k = 2 * v;
          addEdge(dense, deviation, xy[k]!, xy[k + 1]!, xy[k + 2]!, xy[k + 3]!, MOST_CUTS);
        }
        addVertex(dense, xy[2 * end]!, xy[2 * end + 1]!);
        dense.endRing();
      }
      dense.endPolygon();
    }
    dense.endFeature();
  }
  return dense;
}

/** Adds the edge but for its end. */
function addEdge(
  dense: FeatureBatch,
  deviation: Deviation,
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cuts: number,
): void {
  const off = cuts === 0 ? 0 : deviation.of(ax, ay, bx, by);
  if (!(off > TOLERANCE)) {
    addVertex(dense, ax, ay);
    return;
  }
  // A tenth more than the square root says, as edges do not curve evenly.
  const count = Math.min(MOST_PIECES, Math.ceil(1.1 * Math.sqrt(off / TOLERANCE)));
  const pieces = Math.max(2, count);
  let x1 = ax;
  let y1 = ay;
  for (let k = 1; k <= pieces; k++) {
    const t = k / pieces;
    const x2 = k === pieces ? bx : ax + t * (bx - ax);
    const y2 = k === pieces ? by : ay + t * (by - ay);
    addEdge(dense, deviation, x1, y1, x2, y2, cuts - 1);
    x1 = x2;
    y1 = y2;
  }
}

function addVertex(dense: FeatureBatch, x: number, y: number): void {
  dense.reserveVertices(1);
  dense.xy[2 * dense.vertexCount] = x;
  dense.xy[2 * dense.vertexCount + 1] = y;
  dense.vertexCount++;
}

/** How far the transformed edge is from the edge between its transformed ends, in metres. */
class Deviation {
  readonly #transform: Transform;
  readonly #metersPerUnit: number;
  readonly #period: number;
  /** Radians in a unit of y, where that is latitude: there meridians lie closer by its cosine. */
  readonly #latitudeUnit: number;
  readonly #xy = new Float64Array(10);

  constructor(transform: Transform, target: Crs) {
    this.#transform = transform;
    this.#metersPerUnit = target.metersPerUnit;
    this.#latitudeUnit = target.geographic ? (target.definition.unit * Math.PI) / 180 : 0;
    this.#period = cyclicX(target)?.period ?? Number.POSITIVE_INFINITY;
  }

  /** Looked at at a quarter, a half and three quarters; NaN where a point has no place. */
  of(ax: number, ay: number, bx: number, by: number): number {
    const xy = this.#xy;
    for (let k = 0; k <= 4; k++) {
      xy[2 * k] = ax + (k / 4) * (bx - ax);
      xy[2 * k + 1] = ay + (k / 4) * (by - ay);
    }
    this.#transform.apply(xy, 0, 5);
    const dx = this.#alongX(xy[8]! - xy[0]!);
    const dy = xy[9]! - xy[1]!;
    let most = 0;
    for (let k = 1; k <= 3; k++) {
      const closer = Math.cos(xy[2 * k + 1]! * this.#latitudeUnit);
      const offX = (this.#alongX(xy[2 * k]! - xy[0]!) - (k / 4) * dx) * closer;
      const offY = xy[2 * k + 1]! - xy[1]! - (k / 4) * dy;
      most = Math.max(most, Math.hypot(offX, offY));
    }
    return most * this.#metersPerUnit;
  }

  /** The shorter way round, where x goes round. */
  #alongX(dx: number): number {
    return Number.isFinite(this.#period) ? dx - this.#period * Math.round(dx / this.#period) : dx;
  }
}
