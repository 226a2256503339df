/** WKT as proj4 should be given it, and what it says about units and datum. */

import { children, textAt, type WktNode } from './wkt.ts';

const DEGREE = Math.PI / 180;

/**
 * ESRI's names of the polar stereographic projection, which proj4 knows in part, as WKT1's
 * Polar_Stereographic, whose latitude_of_origin is the standard parallel.
 */
export function standardDialect(node: WktNode): WktNode {
  const projection = textAt(children(node, 'PROJECTION')[0], 0)?.toLowerCase();
  if (projection === undefined) return node;
  const parallel = parameter(node, 'standard_parallel_1');
  const origin = parameter(node, 'latitude_of_origin');
  const scale = parameter(node, 'scale_factor') ?? 1;
  let latitude: number | null = null;
  if (projection === 'stereographic_north_pole') latitude = parallel ?? 90;
  else if (projection === 'stereographic_south_pole') latitude = parallel ?? -90;
  else if (projection === 'stereographic' && Math.abs(origin ?? 0) === 90) latitude = origin;
  if (latitude === null) return node;
  const args = node.args.filter((arg) => {
    if (typeof arg === 'string') return true;
    if (arg.keyword === 'PROJECTION') return false;
    const name = arg.keyword === 'PARAMETER' ? textAt(arg, 0)?.toLowerCase() : undefined;
    return !/^(?:standard_parallel_1|latitude_of_origin|scale_factor)$/.test(name ?? '');
  });
  const at = args.findIndex((arg) => typeof arg !== 'string' && arg.keyword === 'PARAMETER');
  args.splice(
    at < 0 ? args.length : at,
    0,
    { keyword: 'PROJECTION', args: ['"Polar_Stereographic"'] },
    { keyword: 'PARAMETER', args: ['"latitude_of_origin"', String(latitude)] },
    { keyword: 'PARAMETER', args: ['"scale_factor"', String(scale)] },
  );
  return { keyword: node.keyword, args };
}

function parameter(node: WktNode, name: string): number | null {
  const found = children(node, 'PARAMETER').find((p) => textAt(p, 0)?.toLowerCase() === name);
  const value = Number(textAt(found, 1) ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}

/** Degrees in the unit of a geographic CRS: 0.9 for grads, 1 where nothing is said. */
export function degreesPerUnit(node: WktNode): number {
  const axis = children(node, 'AXIS')[0];
  const unit =
    children(node, 'UNIT', 'ANGLEUNIT')[0] ??
    (axis === undefined ? undefined : children(axis, 'UNIT', 'ANGLEUNIT')[0]);
  const ratio = Number(textAt(unit, 1) ?? DEGREE) / DEGREE;
  if (!(ratio > 0 && Number.isFinite(ratio))) return 1;
  // Writers round the radians in a degree to 10 digits and more.
  return Math.abs(ratio - 1) < 1e-8 ? 1 : ratio;
}

/** The geographic CRS that a CRS is based on, or itself. */
export function baseGeographic(node: WktNode): WktNode | null {
  if (/^GEO(GCS|GCRS|DCRS|DETICCRS|GRAPHICCRS)$/.test(node.keyword)) return node;
  for (const child of children(
    node,
    'GEOGCS',
    'BASEGEOGCRS',
    'BASEGEODCRS',
    'GEOGCRS',
    'GEODCRS',
    'SOURCECRS',
    'PROJCRS',
    'PROJECTEDCRS',
  )) {
    if (/^(GEOGCS|BASEGEO\w+|GEOGCRS|GEODCRS)$/.test(child.keyword)) return child;
    const base = baseGeographic(child);
    if (base !== null) return base;
  }
  return null;
}

/** Name of the datum, without ESRI's prefix and in lower case, so that dialects compare. */
export function datumName(node: WktNode): string | null {
  const base = baseGeographic(node);
  if (base === null) return null;
  const datum = children(base, 'DATUM', 'ENSEMBLE', 'GEODETICDATUM', 'TRF')[0];
  const name = textAt(datum, 0);
  return name === null
    ? null
    : name
        .replace(/^D_/, '')
        .replace(/[^A-Za-z0-9]+/g, '_')
        .toLowerCase();
}
