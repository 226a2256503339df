/**
 * What happens to every feature between reading and the shuffle file: simplify in the source CRS,
 * reproject, cut at the antimeridian, measure, assign to tiles. Kernels do the work; this says in
 * which order, and what is dropped why.
 */

import type { DropCounter, DropReason } from '../core/drops.ts';
import type { DatumOperation } from '../crs/operations/datum-operation.ts';
import { type Crs, resolveCrs } from '../crs/resolve.ts';
import { createTransform, cyclicX, type Transform } from '../crs/transform.ts';
import { crossesCut, measureAcrossCut, splitAtCut } from '../geometry/antimeridian.ts';
import { FeatureBatch, MULTI } from '../geometry/batch.ts';
import { featureBounds, measureFeature } from '../geometry/measure.ts';
import { simplifyBatch } from '../geometry/simplify.ts';
import { coverFeature } from '../tms/cover.ts';
import { TileList } from '../tms/tile-list.ts';
import type { TileMatrix } from '../tms/tile-matrix.ts';
import type { TileMatrixSet } from '../tms/tile-matrix-set.ts';

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

export class FeatureProcessor {
  readonly #tolerance: number | null;
  readonly #transform: Transform;
  readonly #matrix: TileMatrix;
  /** The cut of the x axis, if reprojection can put a feature across it. */
  readonly #cut: { period: number; minX: number; northY: number; southY: number } | null;
  readonly #bounds = new Float64Array(4);
  readonly #measures = new Float64Array(3);
  readonly #tiles = new TileList();
  readonly #single = new FeatureBatch();
  /** Vertices that were reprojected so far. */
  vertices = 0;

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
    const axis = cyclicX(target);
    const [, south, , north] = this.#matrix.extent();
    // An input that has the cut itself is drawn with it: its long edges are meant.
    const drawnWithCut = source.geographic || cyclicX(source) !== null;
    this.#cut =
      axis === null || drawnWithCut
        ? null
        : {
            ...axis,
            northY: target.geographic ? 90 : north,
            southY: target.geographic ? -90 : south,
          };
  }

  /** Processes the batch, which it changes, and hands its features to `sink` in their order. */
  process(batch: FeatureBatch, drops: DropCounter, sink: FeatureSink): void {
    if (this.#tolerance !== null) simplifyBatch(batch, this.#tolerance);
    this.#transform.apply(batch.xy, 0, batch.vertexCount);
    this.vertices += batch.vertexCount;
    for (let i = 0; i < batch.featureCount; i++) {
      if (this.#cut !== null && crossesCut(batch, i, this.#cut.period / 2)) {
        this.#splitAndAssign(batch, i, drops, sink);
        continue;
      }
      measureFeature(batch, i, this.#measures);
      // A vertex that can't be projected is NaN, and makes the area, a sum over all, NaN too.
      if (Number.isNaN(this.#measures[0]!)) {
        drops.add(this.#misplaced(batch, i), batch.positions[i]!);
      } else {
        featureBounds(batch, i, this.#bounds, 0);
        this.#assign(batch, i, batch.positions[i]!, drops, sink);
      }
    }
  }

  #splitAndAssign(batch: FeatureBatch, i: number, drops: DropCounter, sink: FeatureSink): void {
    const cut = this.#cut!;
    const single = this.#single;
    measureFeature(batch, i, this.#measures);
    if (Number.isNaN(this.#measures[0]!)) {
      drops.add(this.#misplaced(batch, i), batch.positions[i]!);
      return;
    }
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
      drops.add('invalid ring', batch.positions[i]!);
      return;
    }
    if (single.polygonCount > 1) single.flags[0]! |= MULTI;
    featureBounds(single, 0, this.#bounds, 0);
    if (!measureAcrossCut(batch, i, cut.period, cut.minX, this.#measures)) {
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
