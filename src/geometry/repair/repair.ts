/**
 * Repair: the polygons of a feature made valid, with the area that GEOS's MakeValid by structure gives
 * them: shells and holes are what they go around, united, the holes subtracted.
 */

import { type FeatureBatch, HAS_Z, MULTI } from '../batch.ts';
import { Arrangement } from './arrangement.ts';
import { Chains } from './chains.ts';
import { findInterior } from './interior.ts';
import { node } from './noding.ts';
import { traceOutline } from './outline.ts';

/**
 * Appends the polygons of feature i, made valid, to the feature of `into` that was begun last, which is
 * another batch, and sets its flags MULTI and HAS_Z; false, with nothing appended, if no area is left, or a
 * coordinate is not finite.
 *
 * Vertices stay where they are unless edges cross: then they move by at most the distance between
 * neighbouring doubles at the largest coordinate, or at the extent. They keep their z; it is interpolated where edges cross. A valid feature comes out as it is, but for
 * repeated vertices, and the order of rings and vertices: shells run counter-clockwise, holes clockwise,
 * each from its first vertex in the order of x, then y, and polygons and holes follow one another in
 * that order. So equal inputs give equal bytes, and a second repair changes nothing.
 */
export function repairFeature(batch: FeatureBatch, i: number, into: FeatureBatch): boolean {
  const drawn = Chains.of(batch, i);
  if (!drawn.isFinite()) return false;
  const chains = node(drawn);
  const arrangement = new Arrangement(chains);
  const polygons = traceOutline(arrangement, findInterior(arrangement, chains));
  if (polygons.length === 0) return false;
  const { x, y, z } = arrangement;
  for (const rings of polygons) {
    into.beginPolygon();
    for (const ring of rings) {
      into.beginRing();
      into.reserveVertices(ring.length + 1, chains.hasZ || into.z.length > 0);
      for (let k = 0; k <= ring.length; k++) {
        const v = ring[k === ring.length ? 0 : k]!;
        const at = into.vertexCount++;
        into.xy[2 * at] = chains.xAt(x[v]!);
        into.xy[2 * at + 1] = chains.yAt(y[v]!);
        if (chains.hasZ) into.z[at] = z[v]!;
      }
      into.endRing();
    }
    into.endPolygon();
  }
  const multi = polygons.length > 1 ? MULTI : batch.flags[i]! & MULTI;
  into.flags[into.featureCount]! |= multi | (batch.flags[i]! & HAS_Z);
  return true;
}
