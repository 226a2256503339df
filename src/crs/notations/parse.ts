/** A definition in any notation → CrsDefinition. */

import type { CrsDefinition } from '../definition.ts';
import { isProjString, parseProjString } from './proj/string.ts';
import { excerpt, refusal } from './refusal.ts';
import { projjsonTree } from './wkt/projjson.ts';
import { child, parseWktTrees, textAt, type WktNode } from './wkt/tree.ts';
import { readWkt1 } from './wkt/wkt1.ts';
import { readBound, readGeographic, readProjected } from './wkt/wkt2.ts';

/** Kinds of CRS that can't place polygons on the Earth, by their keywords in WKT. */
const OTHER_KINDS: ReadonlyMap<string, string> = new Map([
  ['VERT_CS', 'a vertical'],
  ['VERTCS', 'a vertical'],
  ['VERTCRS', 'a vertical'],
  ['VERTICALCRS', 'a vertical'],
  ['GEOCCS', 'a geocentric'],
  ['LOCAL_CS', 'a local (engineering)'],
  ['ENGCRS', 'an engineering'],
  ['ENGINEERINGCRS', 'an engineering'],
  ['PARAMETRICCRS', 'a parametric'],
  ['TIMECRS', 'a temporal'],
  ['FITTED_CS', 'a fitted'],
  ['DERIVEDPROJCRS', 'a derived projected'],
  ['DERIVEDPROJECTED', 'a derived projected'],
]);

/** As long as WKT may be. */
const MAX_LENGTH = 1 << 18;

/** Whether a text looks like a definition in one of the notations, right or wrong. */
export function isDefinition(text: string): boolean {
  return (
    isProjString(text) ||
    (/^[A-Za-z]\w*\s*[[(]/.test(text) && /[\])]$/.test(text)) ||
    /^\{.*\}$/s.test(text)
  );
}

/**
 * What a definition says, without any database: its names and ids are as written.
 * @param definition - a PROJ string, WKT 1 of GDAL or of ESRI, WKT 2, or PROJJSON as text or object
 * @throws TilewrightError `crs-unknown` that names what is not understood
 */
export function parseDefinition(definition: string | object): CrsDefinition {
  if (typeof definition === 'object') return readTree(projjsonTree(definition));
  const text = definition.replace(/^\uFEFF/, '').trim();
  if (text.startsWith('{')) return readTree(projjsonTree(parseJson(text)));
  if (isProjString(text)) return parseProjString(text);
  if (!/^[A-Za-z]\w*\s*[[(]/.test(text)) {
    throw refusal(`"${excerpt(text)}" is neither WKT, nor PROJJSON, nor a PROJ string`);
  }
  return readTree(parseWktTrees(text)[0]!);
}

function parseJson(text: string): unknown {
  if (text.length > MAX_LENGTH) throw refusal('The PROJJSON of a CRS is too long');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw refusal(`"${excerpt(text)}" is no JSON`, error);
  }
}

function readTree(node: WktNode): CrsDefinition {
  const name = excerpt(textAt(node, 0) ?? '');
  switch (node.keyword) {
    case 'PROJCS':
    case 'GEOGCS':
      return readWkt1(node);
    case 'PROJCRS':
    case 'PROJECTEDCRS':
      return readProjected(node);
    case 'GEOGCRS':
    case 'GEOGRAPHICCRS':
    case 'GEODCRS':
    case 'GEODETICCRS':
      return readGeographic(node);
    case 'BOUNDCRS':
      return readBound(node, readTree);
    case 'COMPD_CS':
    case 'COMPOUNDCRS': {
      const horizontal = child(node, ...HORIZONTAL);
      if (horizontal !== null) return readTree(horizontal);
      throw refusal(`"${name}" has no horizontal part`);
    }
  }
  const kind = OTHER_KINDS.get(node.keyword);
  if (kind === undefined) throw refusal(`${excerpt(node.keyword)} "${name}" is no CRS`);
  throw refusal(`"${name}" is ${kind} CRS: it can't place polygons on the Earth`);
}

const HORIZONTAL = [
  ...['PROJCS', 'GEOGCS', 'COMPD_CS', 'PROJCRS', 'PROJECTEDCRS', 'GEOGCRS', 'GEOGRAPHICCRS'],
  ...['GEODCRS', 'GEODETICCRS', 'BOUNDCRS', 'COMPOUNDCRS'],
];
