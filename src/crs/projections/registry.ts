/** Which formulas belong to which method. */

import type { MethodName } from '../definition.ts';
import { mercatorA, mercatorB, mercatorC, pseudoMercator } from './mercator.ts';
import {
  polarStereographicA,
  polarStereographicB,
  polarStereographicC,
} from './polar-stereographic.ts';
import type { ProjectionFactory } from './projection.ts';
import { transverseMercatorProjection } from './transverse-mercator.ts';

const FACTORIES: { readonly [method in MethodName]?: ProjectionFactory } = {
  'transverse-mercator': transverseMercatorProjection,
  'mercator-a': mercatorA,
  'mercator-b': mercatorB,
  'mercator-c': mercatorC,
  'pseudo-mercator': pseudoMercator,
  'polar-stereographic-a': polarStereographicA,
  'polar-stereographic-b': polarStereographicB,
  'polar-stereographic-c': polarStereographicC,
};

/** Null for a method without formulas here. */
export function projectionOf(method: MethodName): ProjectionFactory | null {
  return FACTORIES[method] ?? null;
}
