/** CrsReference → Crs: what a reference means, ready to be transformed from and to. */

import { TilewrightError } from '../core/errors.ts';
import { type EpsgEntry, lookupEpsg } from './epsg.ts';
import {
  knownTowgs84,
  type ProjectionParameters,
  passedOver,
  proj4Projection,
  readParameters,
} from './parameters.ts';
import { excerpt } from './parse.ts';
import { normalizeProj } from './proj-string.ts';
import type { CrsReference } from './reference.ts';
import {
  formatWkt,
  horizontalPart,
  identifierOf,
  parseWkt,
  textAt,
  unusableKind,
  type WktNode,
} from './wkt.ts';
import { baseGeographic, datumName, degreesPerUnit, standardDialect } from './wkt-dialect.ts';

/** A CRS of two horizontal axes, easting or longitude first. Plain data: it crosses threads. */
export interface Crs {
  /** For example `EPSG:3413`; null when only a definition is known. */
  id: string | null;
  name: string;
  /** PROJ string or WKT, as proj4 is given it. */
  definition: string;
  /** WKT for a GeoPackage's gpkg_spatial_ref_sys; null when there is none. */
  wkt: string | null;
  geographic: boolean;
  /** Metres in a unit of the axes; along the equator for a geographic CRS. */
  metersPerUnit: number;
  projection: ProjectionParameters;
}

/** OGC's own codes are EPSG's geographic CRSs with longitude first, as everything here is. */
const OGC_CODES: ReadonlyMap<string, string> = new Map([
  ['CRS84', '4326'],
  ['CRS83', '4269'],
  ['CRS27', '4267'],
]);

const ADVICE = 'Give a PROJ string or WKT instead.';

/**
 * @throws TilewrightError `crs-unknown` for codes and definitions that can't be resolved, and for
 *   vertical, geocentric, engineering and undefined CRSs
 */
export function resolveCrs(reference: CrsReference): Crs {
  const { authority, code, definition } = reference;
  const id = authority !== undefined && code !== undefined ? `${authority}:${code}` : null;
  const ogc = authority?.toUpperCase() === 'OGC' ? OGC_CODES.get(code?.toUpperCase() ?? '') : null;
  if (ogc) {
    const crs = fromEpsg(lookupEpsg(ogc)!, null);
    return { ...crs, id: `OGC:${code!.toUpperCase()}`, name: `${crs.name} (${code})` };
  }
  const entry = authority?.toUpperCase() === 'EPSG' ? lookupEpsg(code ?? '') : null;
  if (entry !== null) return fromEpsg(entry, definition ?? null);
  if (definition === undefined) {
    if (id === null) throw unknown('The CRS has neither a code nor a definition.');
    throw unknown(`${excerpt(id)} is not among the known EPSG codes. ${ADVICE}`);
  }
  return fromDefinition(definition, id, reference.name ?? null);
}

function fromEpsg(entry: EpsgEntry, definition: string | null): Crs {
  const id = `EPSG:${entry.code}`;
  const node = entry.wkt === null ? null : parseWkt(entry.wkt);
  if (entry.kind === 'CRS-COMPOUNDCRS' && node !== null) {
    const horizontal = horizontalPart(node);
    const part = identifierOf(horizontal);
    const base = part?.authority === 'EPSG' ? lookupEpsg(part.code) : null;
    if (base !== null && base.kind !== entry.kind) return fromEpsg(base, null);
    if (horizontal !== node) return fromDefinition(formatWkt(horizontal), null, null);
  }
  const kind = UNUSABLE_KINDS.get(entry.kind);
  if (kind !== undefined) throw unknown(unusable(`${id} (${entry.name})`, kind));
  let problem: unknown = null;
  if (entry.proj4) {
    try {
      const crs = fromProj(entry.proj4, id, entry.name, node);
      const grads = crs.geographic && node === null && entry.unit?.startsWith('grad') === true;
      return { ...(grads ? inGrads(crs) : crs), wkt: entry.wkt };
    } catch (error) {
      problem = error;
    }
  }
  for (const text of [entry.wkt, definition]) {
    if (!text) continue;
    try {
      return fromDefinition(text, id, entry.name);
    } catch (error) {
      problem = error;
    }
  }
  if (problem instanceof TilewrightError) throw problem;
  throw unknown(`No definition of ${id} (${entry.name}) is known. ${ADVICE}`, problem);
}

const UNUSABLE_KINDS: ReadonlyMap<string, string> = new Map([
  ['CRS-VERTCRS', 'vertical'],
  ['CRS-GCENCRS', 'geocentric'],
  ['CRS-ENGCRS', 'engineering'],
]);

function fromDefinition(definition: string, id: string | null, name: string | null): Crs {
  const text = definition.trim();
  if (/^\+?\w+(=|\s|$)/.test(text) && /(?:^|\s)\+?proj=/.test(text)) {
    return fromProj(text, id, name ?? excerpt(text), null);
  }
  const root = parseWkt(text);
  if (root === null) {
    throw unknown(
      `The CRS definition "${excerpt(text)}" is neither WKT nor a PROJ string. ` +
        'If the file says nothing better, name the CRS of the input, for example EPSG:3413.',
    );
  }
  const horizontal = horizontalPart(root);
  const kind = unusableKind(horizontal);
  const title = name ?? textAt(horizontal, 0) ?? excerpt(text);
  if (kind !== null) throw unknown(unusable(excerpt(title), kind));
  if (horizontal !== root) {
    const part = identifierOf(horizontal);
    const entry = part?.authority === 'EPSG' ? lookupEpsg(part.code) : null;
    if (entry !== null) return fromEpsg(entry, formatWkt(horizontal));
    id = part === null ? null : `${part.authority}:${part.code}`;
  }
  const wkt = formatWkt(standardDialect(horizontal));
  const crs = read(wkt, id, title, horizontal, null);
  return { ...crs, wkt: horizontal === root ? text : formatWkt(horizontal) };
}

function fromProj(text: string, id: string | null, name: string, node: WktNode | null): Crs {
  const normal = normalizeProj(text);
  if (typeof normal === 'string') throw unknown(`In the CRS "${excerpt(text)}": ${normal}`);
  let { definition } = normal;
  const base = node === null ? null : baseGeographic(node);
  const geographic = base === null ? null : identifierOf(base);
  if (geographic?.authority === 'EPSG' && !/\+(?:datum|towgs84|nadgrids)=/.test(definition)) {
    const towgs84 = knownTowgs84(geographic.code);
    if (towgs84 !== null) definition += ` +towgs84=${towgs84.join(',')}`;
  }
  return read(definition, id, name, node, normal.grid);
}

function read(
  definition: string,
  id: string | null,
  name: string,
  node: WktNode | null,
  grid: string | null,
): Crs {
  let projection: ProjectionParameters;
  const toDegree = node !== null && baseGeographic(node) === node ? degreesPerUnit(node) : 1;
  const datum = node === null ? null : datumName(node);
  try {
    definition = spherical(definition);
    const parsed = proj4Projection(definition);
    if (parsed.names?.includes('geocent')) throw new Error('it is geocentric');
    const problem = passedOver(parsed, definition);
    if (problem !== null) throw new Error(problem);
    projection = readParameters(parsed, definition, toDegree, datum, grid);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw unknown(
      `The CRS ${excerpt(id ?? name)} can't be used: ${excerpt(reason)}. ` +
        'Reproject the data to another CRS first, or give a definition that proj4 supports.',
      error,
    );
  }
  const geographic = projection.method === 'geographic';
  const metersPerUnit = geographic
    ? (projection.a * Math.PI * projection.toDegree) / 180
    : projection.toMeter;
  return { id, name, definition, wkt: null, geographic, metersPerUnit, projection };
}

/** proj4 takes tmerc on a sphere only with +approx, which changes nothing there. */
function spherical(definition: string): string {
  try {
    proj4Projection(definition);
  } catch (error) {
    if (/\+proj=e?tmerc\b/.test(definition) && /\+approx/.test(String(error))) {
      return `${definition} +approx`;
    }
  }
  return definition;
}

function inGrads(crs: Crs): Crs {
  return {
    ...crs,
    metersPerUnit: crs.metersPerUnit * 0.9,
    projection: { ...crs.projection, toDegree: 0.9 },
  };
}

function unusable(name: string, kind: string): string {
  return `${name} is a ${kind} CRS: it can't place polygons on the Earth. Name a geographic or projected CRS.`;
}

function unknown(message: string, cause?: unknown): TilewrightError {
  return new TilewrightError('crs-unknown', message, { cause });
}
