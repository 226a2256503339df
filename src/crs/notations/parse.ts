/** A definition in any notation → CrsDefinition. */

import type { CrsDefinition } from '../definition.ts';
import { isProjString, parseProjString } from './proj-string.ts';
import { excerpt, refusal } from './refusal.ts';
import { child, parseWktTrees, textAt, type WktNode } from './wkt-tree.ts';
import { readWkt1 } from './wkt1.ts';

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

/**
 * What a definition says, without any database: its names and ids are as written.
 * @param text - a PROJ string, WKT 1 of GDAL or of ESRI
 * @throws TilewrightError `crs-unknown` that names what is not understood
 */
export function parseDefinition(text: string): CrsDefinition {
  const trimmed = text
    .replace(/^\uFEFF/, '')
    .replace(/\0+$/, '')
    .trim();
  if (isProjString(trimmed)) return parseProjString(trimmed);
  if (!/^[A-Za-z]\w*\s*[[(]/.test(trimmed)) {
    throw refusal(`"${excerpt(trimmed)}" is neither WKT nor a PROJ string`);
  }
  return readTree(parseWktTrees(trimmed)[0]!);
}

function readTree(node: WktNode): CrsDefinition {
  switch (node.keyword) {
    case 'PROJCS':
    case 'GEOGCS':
      return readWkt1(node);
    case 'COMPD_CS': {
      const horizontal = child(node, 'PROJCS', 'GEOGCS', 'COMPD_CS');
      if (horizontal !== null) return readTree(horizontal);
      throw refusal(`"${excerpt(textAt(node, 0) ?? '')}" has no horizontal part`);
    }
  }
  const name = excerpt(textAt(node, 0) ?? '');
  const kind = OTHER_KINDS.get(node.keyword);
  if (kind === undefined) throw refusal(`${excerpt(node.keyword)} "${name}" is no CRS`);
  throw refusal(`"${name}" is ${kind} CRS: it can't place polygons on the Earth`);
}
