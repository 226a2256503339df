/** The vertices of a batch as they were before it was simplified. */

import { FeatureBatch, HAS_Z } from '../../geometry/batch.ts';

export class Unsimplified {
  readonly #kept = new FeatureBatch();

  keep({ xy, z, vertexCount, ringOffsets, ringCount }: FeatureBatch): void {
    const kept = this.#kept;
    kept.clear();
    kept.appendVertices(xy, z.length > 0 ? z : null, 0, vertexCount);
    if (ringCount >= kept.ringOffsets.length) kept.ringOffsets = new Int32Array(2 * ringCount);
    kept.ringOffsets.set(ringOffsets.subarray(0, ringCount + 1));
  }

  /** Appends feature i of the batch, which has lost vertices, but no ring, to another one with all of them. */
  append(batch: FeatureBatch, i: number, into: FeatureBatch): void {
    const { xy, z, ringOffsets } = this.#kept;
    const hasZ = (batch.flags[i]! & HAS_Z) !== 0;
    into.beginFeature(batch.positions[i]!, batch.flags[i]!);
    for (let p = batch.featureOffsets[i]!; p < batch.featureOffsets[i + 1]!; p++) {
      into.beginPolygon();
      for (let r = batch.polygonOffsets[p]!; r < batch.polygonOffsets[p + 1]!; r++) {
        into.beginRing();
        into.appendVertices(xy, hasZ ? z : null, ringOffsets[r]!, ringOffsets[r + 1]!);
        into.endRing();
      }
      into.endPolygon();
    }
    into.copyRow(batch, i);
    into.endFeature();
  }
}
