/** Shapes of the contract of input formats, as rings and as well-known binary. */

import { multiPolygonWkb, polygonWkb } from '../../staging/support.ts';
import type { Ring } from '../shapefile/shapefile-fixture.ts';
import type { Shape } from './contract-inputs.ts';

export const SHORT: Ring = [
  [0, 0],
  [1, 1],
];
export const UNCLOSED: Ring = [
  [0, 0],
  [0, 1],
  [1, 1],
  [1, 0],
];
export const INFINITE: Ring = [
  [0, 0],
  [0, 1],
  [Number.NaN, 1],
  [0, 0],
];

/** ISO WKB; null for a feature without a geometry. */
export function wkbOf(shape: Shape): Buffer | null {
  if (typeof shape !== 'string') {
    return shape.length === 1 ? polygonWkb(shape[0]!) : multiPolygonWkb(shape);
  }
  switch (shape) {
    case 'null geometry':
    case 'deleted row':
      return null;
    case 'empty geometry':
      return polygonWkb([]);
    case 'not a polygon':
      return Buffer.from(`0101000000${'00'.repeat(16)}`, 'hex');
    case 'curved polygon':
      // A CurvePolygon of no ring.
      return Buffer.from('010a00000000000000', 'hex');
    case 'malformed geometry':
      return polygonWkb([INFINITE]).subarray(0, -9);
    case 'too few points':
      return polygonWkb([SHORT]);
    case 'unclosed ring':
      return polygonWkb([UNCLOSED]);
    case 'non-finite coordinate':
      return polygonWkb([INFINITE]);
  }
}
