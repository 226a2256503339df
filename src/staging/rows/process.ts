/**
 * What happens to every feature between reading and its rows: simplify in the source CRS,
 * reproject, cut at the antimeridian, measure, assign to tiles. Kernels do the work; this says in
 * which order, and what is dropped why.
 */

import type { DropCounter, DropReason } from '../../core/drops.ts';
import type { DatumOperation } from '../../crs/operations/datum-operation.ts';
import { type Crs, resolveCrs } from '../../crs/resolve.ts';
import { createTransform, cyclicX, type Transform } from '../../crs/transform.ts';
import {
  bringFromTurn,
  crossesCut,
  measureAcrossCut,
  splitAtCut,
} from '../../geometry/antimeridian.ts';
import { FeatureBatch } from '../../geometry/batch.ts';
import { type CutOptions, turnFrom, turnTo, turnWith } from '../../geometry/cut.ts';
import { extendByStarts, featureBounds, measureFeature } from '../../geometry/measure.ts';
import { simplifyBatch } from '../../geometry/simplify.ts';
import { coverFeature } from '../../tms/cover.ts';
import { TileList } from '../../tms/tile-list.ts';
import type { Bounds, TileMatrix } from '../../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../../tms/tile-matrix-set.ts';

/** Takes one processed feature; all arguments are only valid during the call. */
export interface FeatureSink {
  /**
   * @param bounds - minX, minY, maxX, maxY in the CRS of the TileMatrixSet
   * @param measures - area, centroid x, centroid y, in the same CRS
   * @param tiles - the tiles that it intersects: at least one
   */
  add(
    batch: FeatureBatch,
    i: number,
    bounds: Float64Array,
    measures: Float64Array,
    tiles: TileList,
  ): void;
}

/**
 * So often around the Earth a longitude may go, either way. More is no longitude but, most likely,
 * metres that are taken for degrees.
 */
const MOST_TURNS = 10;

const NO_CUT = { minX: Number.NaN, period: Number.NaN, longestEdge: Number.NaN };

/**
 * Where x goes round in the CRS of the tiles. The cut is where the tiles end, if they don't go round by
 * more than once: the CRS's own is only the usual one.
 * @param longestEdge - degrees
 */
export function cutOf(
  target: Crs,
  [west, south, east, north]: Bounds,
  longestEdge: number,
): CutOptions | null {
  const axis = cyclicX(target);
  if (axis === null) return null;
  const { period } = axis;
  const slack = 1e-6 * period;
  const isWithin = west >= axis.minX - slack && east <= axis.minX + period + slack;
  const isOnce = east - west <= period + slack;
  const pole = 90 / target.definition.unit;
  return {
    period,
    minX: isWithin || !isOnce ? axis.minX : (west + east - period) / 2,
    northY: target.geographic ? pole : north,
    southY: target.geographic ? -pole : south,
    longestEdge: (longestEdge / 360) * period,
  };
}

export class FeatureProcessor {
  readonly #tolerance: number | null;
  readonly #transform: Transform;
  readonly #matrix: TileMatrix;
  /** The cut of the x axis of the TileMatrixSet, with `longestEdge` in its unit; null without one. */
  readonly #cut: CutOptions | null;
  readonly #drawn: CutOptions | null;
  readonly #bounds = new Float64Array(4);
  readonly #measures = new Float64Array(3);
  readonly #tiles = new TileList();
  readonly #single = new FeatureBatch();
  /** Vertices that were reprojected so far. */
  vertices = 0;
  /** minX, minY, maxX, maxY in `source` of what was read, roughly: see extendByStarts. */
  readonly extent = Float64Array.of(Infinity, Infinity, -Infinity, -Infinity);

  /**
   * @param tolerance - for simplification, in units of `source`; null for none
   * @param operation - from the datum of `source` to that of the TileMatrixSet
   */
  constructor(
    source: Crs,
    tms: TileMatrixSet,
    z: number,
    tolerance: number | null,
    operation: DatumOperation,
  ) {
    const target = resolveCrs(tms.crs);
    this.#tolerance = tolerance;
    this.#transform = createTransform(source, target, operation);
    this.#matrix = tms.matrix(z);
    this.#cut = cutOf(target, this.#matrix.extent(), this.#transform.longestEdge);
    this.#drawn = this.#cut && { ...this.#cut, longestEdge: Number.POSITIVE_INFINITY };
  }

  /** Processes the batch, which it changes, and hands its features to `sink` in their order. */
  process(batch: FeatureBatch, drops: DropCounter, sink: FeatureSink): void {
    if (this.#tolerance !== null) simplifyBatch(batch, this.#tolerance);
    extendByStarts(this.extent, batch);
    this.#transform.apply(batch.xy, 0, batch.vertexCount);
    this.vertices += batch.vertexCount;
    const bounds = this.#bounds;
    // Comparisons with NaN are false: without a cut, no feature is past it.
    const { minX, period, longestEdge } = this.#cut ?? NO_CUT;
    const maxX = minX + period;
    for (let i = 0; i < batch.featureCount; i++) {
      measureFeature(batch, i, this.#measures);
      // A vertex that can't be projected is NaN, and makes the area, a sum over all, NaN too.
      if (Number.isNaN(this.#measures[0]!)) {
        drops.add(this.#misplaced(batch, i), batch.positions[i]!);
        continue;
      }
      featureBounds(batch, i, bounds, 0);
      if (bounds[0]! < minX || bounds[2]! > maxX || bounds[2]! - bounds[0]! > longestEdge) {
        this.#assignAroundCut(batch, i, drops, sink);
      } else {
        this.#assign(batch, i, batch.positions[i]!, drops, sink);
      }
    }
  }

  /** Of a feature that may reach past the cut: it is moved to the axis as it is, or cut. */
  #assignAroundCut(batch: FeatureBatch, i: number, drops: DropCounter, sink: FeatureSink): void {
    const bounds = this.#bounds;
    const position = batch.positions[i]!;
    const goesRound = crossesCut(batch, i, this.#cut!.longestEdge);
    const cut = goesRound ? this.#cut! : this.#drawn!;
    if (!(turnFrom(bounds[0]!, cut) >= -MOST_TURNS && turnTo(bounds[2]!, cut) <= MOST_TURNS)) {
      drops.add('outside the CRS', position);
      return;
    }
    const turn = goesRound ? null : turnWith(bounds[0]!, bounds[2]!, cut);
    if (turn === null) {
      this.#splitAndAssign(batch, i, cut, drops, sink);
    } else {
      bringFromTurn(batch, i, turn, cut);
      this.#measures[1]! -= turn * cut.period;
      featureBounds(batch, i, bounds, 0);
      this.#assign(batch, i, position, drops, sink);
    }
  }

  #splitAndAssign(
    batch: FeatureBatch,
    i: number,
    cut: CutOptions,
    drops: DropCounter,
    sink: FeatureSink,
  ): void {
    const single = this.#single;
    single.clear();
    single.beginFeature(batch.positions[i]!, batch.flags[i]!);
    splitAtCut(batch, i, single, cut);
    single.appendRow(
      batch.types,
      batch.typeOffsets[i]!,
      batch.typeOffsets[i + 1]!,
      batch.body,
      batch.bodyOffsets[i]!,
      batch.bodyOffsets[i + 1]!,
    );
    single.endFeature();
    if (single.polygonCount === 0) {
      drops.add('nothing left', batch.positions[i]!);
      return;
    }
    featureBounds(single, 0, this.#bounds, 0);
    if (!measureAcrossCut(batch, i, cut, this.#measures)) {
      measureFeature(single, 0, this.#measures);
    }
    this.#assign(single, 0, batch.positions[i]!, drops, sink);
  }

  /** Why a feature has a vertex without a place. */
  #misplaced(batch: FeatureBatch, i: number): DropReason {
    const ring = (feature: number): number => batch.polygonOffsets[batch.featureOffsets[feature]!]!;
    const [start, end] = [batch.ringOffsets[ring(i)]!, batch.ringOffsets[ring(i + 1)]!];
    return this.#transform.outsideGrids(start, end) ? 'outside the grid' : 'outside the CRS';
  }

  #assign(
    batch: FeatureBatch,
    i: number,
    position: number,
    drops: DropCounter,
    sink: FeatureSink,
  ): void {
    const few = coverFeature(batch, i, this.#bounds, this.#matrix, this.#tiles);
    if (!few) drops.add('too many tiles', position);
    else if (this.#tiles.length === 0) drops.add('outside the TileMatrixSet', position);
    else sink.add(batch, i, this.#bounds, this.#measures, this.#tiles);
  }
}
