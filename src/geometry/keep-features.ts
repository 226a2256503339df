/** Takes features out of a batch. */

import type { FeatureBatch } from './batch.ts';

/** Moves the features with isKept[i] ≠ 0 together, in their order, and forgets the others. */
export function keepFeatures(batch: FeatureBatch, isKept: Uint8Array): void {
  const { xy, z, ringOffsets, polygonOffsets, featureOffsets, flags, positions } = batch;
  const { types, typeOffsets, body, bodyOffsets, featureCount } = batch;
  let kept = 0;
  while (kept < featureCount && isKept[kept] !== 0) kept++;
  if (kept === featureCount) return;
  let polygons = featureOffsets[kept]!;
  let rings = polygons === 0 ? 0 : polygonOffsets[polygons]!;
  let vertices = rings === 0 ? 0 : ringOffsets[rings]!;
  // What is written lies before what is still to be read, as nothing becomes longer.
  for (let i = kept + 1; i < featureCount; i++) {
    if (isKept[i] === 0) continue;
    const endPolygon = featureOffsets[i + 1]!;
    for (let p = featureOffsets[i]!; p < endPolygon; p++) {
      const endRing = polygonOffsets[p + 1]!;
      for (let r = polygonOffsets[p]!; r < endRing; r++) {
        const [start, end] = [ringOffsets[r]!, ringOffsets[r + 1]!];
        xy.copyWithin(2 * vertices, 2 * start, 2 * end);
        z.copyWithin(vertices, start, end);
        vertices += end - start;
        ringOffsets[++rings] = vertices;
      }
      polygonOffsets[++polygons] = rings;
    }
    flags[kept] = flags[i]!;
    positions[kept] = positions[i]!;
    const [typesAt, bodyAt] = [typeOffsets[kept]!, bodyOffsets[kept]!];
    types.copyWithin(typesAt, typeOffsets[i]!, typeOffsets[i + 1]!);
    body.copyWithin(bodyAt, bodyOffsets[i]!, bodyOffsets[i + 1]!);
    typeOffsets[kept + 1] = typesAt + typeOffsets[i + 1]! - typeOffsets[i]!;
    bodyOffsets[kept + 1] = bodyAt + bodyOffsets[i + 1]! - bodyOffsets[i]!;
    featureOffsets[++kept] = polygons;
  }
  batch.featureCount = kept;
  batch.polygonCount = polygons;
  batch.ringCount = rings;
  batch.vertexCount = vertices;
}
