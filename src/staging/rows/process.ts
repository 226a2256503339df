/**
 * What happens to every feature between reading and its rows: check, simplify in the source CRS,
 * reproject, cut at the antimeridian, check what has changed, measure, assign to tiles. Kernels do the
 * work; this says in which order, and what is dropped why.
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
import { Unsimplified } from './unsimplified.ts';
import type { ValidityWatch } from './validity.ts';

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

/** How often the tolerance is halved for a feature that it makes invalid, before no vertex is removed. */
const HALVINGS = 8;

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
  readonly #newTransform: () => Transform;
  readonly #matrix: TileMatrix;
  readonly #watch: ValidityWatch | null;
  /** The cut of the x axis of the TileMatrixSet, with `longestEdge` in its unit; null without one. */
  readonly #cut: CutOptions | null;
  readonly #drawn: CutOptions | null;
  readonly #bounds = new Float64Array(4);
  readonly #measures = new Float64Array(3);
  readonly #tiles = new TileList();
  readonly #single = new FeatureBatch();
  readonly #unsimplified = new Unsimplified();
  /** For single features that are gone through once more. */
  readonly #again = new FeatureBatch();
  #transformAgain: Transform | null = null;
  /** The feature that `#place` has led to the axis of the tiles: of the batch, or in `#single`. */
  #placed = this.#single;
  #at = 0;
  /** Whether it was moved or cut for that. */
  #isMoved = false;
  /** Vertices that were reprojected so far. */
  vertices = 0;
  /** minX, minY, maxX, maxY in `source` of what was read, roughly: see extendByStarts. */
  readonly extent = Float64Array.of(Infinity, Infinity, -Infinity, -Infinity);

  /**
   * @param tolerance - for simplification, in units of `source`; null for none
   * @param operation - from the datum of `source` to that of the TileMatrixSet
   * @param watch - checks geometries; null: nobody does
   */
  constructor(
    source: Crs,
    tms: TileMatrixSet,
    z: number,
    tolerance: number | null,
    operation: DatumOperation,
    watch: ValidityWatch | null,
  ) {
    const target = resolveCrs(tms.crs);
    this.#tolerance = tolerance;
    this.#newTransform = () => createTransform(source, target, operation);
    this.#transform = this.#newTransform();
    this.#matrix = tms.matrix(z);
    this.#watch = watch;
    this.#cut = cutOf(target, this.#matrix.extent(), this.#transform.longestEdge);
    this.#drawn = this.#cut && { ...this.#cut, longestEdge: Number.POSITIVE_INFINITY };
  }

  /**
   * Processes the batch, which it changes, and hands its features to `sink` in their order.
   * @throws TilewrightError input-invalid
   */
  process(given: FeatureBatch, drops: DropCounter, sink: FeatureSink): void {
    const watch = this.#watch;
    const batch = watch === null ? given : watch.look(given, drops);
    const tolerance = this.#tolerance;
    if (tolerance !== null) {
      if (watch !== null) this.#unsimplified.keep(batch);
      simplifyBatch(batch, tolerance);
    }
    extendByStarts(this.extent, batch);
    this.#transform.apply(batch.xy, 0, batch.vertexCount);
    this.vertices += batch.vertexCount;
    const isChanged = tolerance !== null || !this.#transform.identity;
    for (let i = 0; i < batch.featureCount; i++) {
      const reason = this.#place(batch, i, this.#transform);
      if (reason !== null) {
        drops.add(reason, batch.positions[i]!);
        continue;
      }
      if (watch !== null && (isChanged || this.#isMoved) && !watch.isKept(i)) {
        if (!this.#staysValid(batch, i, watch, drops)) continue;
      }
      this.#assign(batch.positions[i]!, drops, sink);
    }
  }

  /**
   * Measures a feature whose vertices are in the CRS of the tiles, and leads it to their axis: into
   * `#placed`, `#bounds` and `#measures`. @returns why it can't be staged
   */
  #place(batch: FeatureBatch, i: number, transform: Transform): DropReason | null {
    measureFeature(batch, i, this.#measures);
    // A vertex that can't be projected is NaN, and makes the area, a sum over all, NaN too.
    if (Number.isNaN(this.#measures[0]!)) return misplaced(batch, i, transform);
    const bounds = this.#bounds;
    featureBounds(batch, i, bounds, 0);
    this.#placed = batch;
    this.#at = i;
    this.#isMoved = false;
    // Comparisons with NaN are false: without a cut, no feature is past it.
    const { minX, period, longestEdge } = this.#cut ?? NO_CUT;
    const isPast = bounds[0]! < minX || bounds[2]! > minX + period;
    return isPast || bounds[2]! - bounds[0]! > longestEdge ? this.#placeAroundCut(batch, i) : null;
  }

  /** Of a feature that may reach past the cut: it is moved to the axis as it is, or cut. */
  #placeAroundCut(batch: FeatureBatch, i: number): DropReason | null {
    const bounds = this.#bounds;
    const goesRound = crossesCut(batch, i, this.#cut!.longestEdge);
    const cut = goesRound ? this.#cut! : this.#drawn!;
    if (!(turnFrom(bounds[0]!, cut) >= -MOST_TURNS && turnTo(bounds[2]!, cut) <= MOST_TURNS)) {
      return 'outside the CRS';
    }
    const turn = goesRound ? null : turnWith(bounds[0]!, bounds[2]!, cut);
    if (turn === null) return this.#split(batch, i, cut);
    bringFromTurn(batch, i, turn, cut);
    this.#measures[1]! -= turn * cut.period;
    featureBounds(batch, i, bounds, 0);
    this.#isMoved = true;
    return null;
  }

  #split(batch: FeatureBatch, i: number, cut: CutOptions): DropReason | null {
    const single = this.#single;
    single.clear();
    single.beginFeature(batch.positions[i]!, batch.flags[i]!);
    splitAtCut(batch, i, single, cut);
    single.copyRow(batch, i);
    single.endFeature();
    if (single.polygonCount === 0) return 'nothing left';
    featureBounds(single, 0, this.#bounds, 0);
    if (!measureAcrossCut(batch, i, cut, this.#measures)) {
      measureFeature(single, 0, this.#measures);
    }
    this.#placed = single;
    this.#at = 0;
    this.#isMoved = true;
    return null;
  }

  /**
   * Sees to it that a feature which was valid as it was read is valid where it was placed: with fewer
   * vertices removed, or as is asked for where they alone are not to blame. @returns false if it is dropped
   */
  #staysValid(batch: FeatureBatch, i: number, watch: ValidityWatch, drops: DropCounter): boolean {
    if (watch.isValid(this.#placed, this.#at)) return true;
    const position = batch.positions[i]!;
    if (this.#tolerance !== null) {
      if (this.#simplifyLess(batch, i, watch)) {
        watch.features.add('simplified less', position);
        return true;
      }
      this.#place(batch, i, this.#transform);
    }
    watch.features.add('invalid after reprojection', position);
    if (watch.mode === 'keep') return true;
    if (watch.mode === 'fail') {
      throw watch.refusal(this.#placed, this.#at, ' in the CRS of the tiles');
    }
    if (watch.mode === 'drop') {
      drops.add('invalid geometry', position);
      return false;
    }
    return this.#repairPlaced(watch, drops);
  }

  /** Places the feature with more of its vertices, at last all; false if none of these is valid. */
  #simplifyLess(batch: FeatureBatch, i: number, watch: ValidityWatch): boolean {
    const again = this.#again;
    this.#transformAgain ??= this.#newTransform();
    let tolerance = this.#tolerance!;
    for (let n = 0; n <= HALVINGS; n++) {
      tolerance /= 2;
      again.clear();
      this.#unsimplified.append(batch, i, again);
      const removed = n < HALVINGS ? simplifyBatch(again, tolerance) : 0;
      this.#transformAgain.apply(again.xy, 0, again.vertexCount);
      const reason = this.#place(again, 0, this.#transformAgain);
      if (reason === null && watch.isValid(this.#placed, this.#at)) return true;
      if (removed === 0) break;
    }
    return false;
  }

  #repairPlaced(watch: ValidityWatch, drops: DropCounter): boolean {
    const isCut = this.#placed === this.#single;
    const again = this.#again;
    again.clear();
    if (!watch.repair(this.#placed, this.#at, again, drops)) return false;
    this.#placed = again;
    this.#at = 0;
    featureBounds(again, 0, this.#bounds, 0);
    // Of what was cut the centroid is that of the whole.
    if (!isCut) measureFeature(again, 0, this.#measures);
    return true;
  }

  #assign(position: number, drops: DropCounter, sink: FeatureSink): void {
    const [placed, at] = [this.#placed, this.#at];
    const few = coverFeature(placed, at, this.#bounds, this.#matrix, this.#tiles);
    if (!few) drops.add('too many tiles', position);
    else if (this.#tiles.length === 0) drops.add('outside the TileMatrixSet', position);
    else sink.add(placed, at, this.#bounds, this.#measures, this.#tiles);
  }
}

/** Why a feature has a vertex without a place. */
function misplaced(batch: FeatureBatch, i: number, transform: Transform): DropReason {
  const ring = (feature: number): number => batch.polygonOffsets[batch.featureOffsets[feature]!]!;
  const [start, end] = [batch.ringOffsets[ring(i)]!, batch.ringOffsets[ring(i + 1)]!];
  return transform.outsideGrids(start, end) ? 'outside the grid' : 'outside the CRS';
}
