/** Text that names a CRS → CrsReference. */

import { TilewrightError } from '../core/errors.ts';
import { isDefinition } from './notations/parse.ts';
import { excerpt } from './notations/refusal.ts';
import type { CrsReference } from './reference.ts';

/** Authorities that may be written as `AUTHORITY:code`; other words before a colon are no CRS. */
const SHORT = /^(EPSG|OGC|CRS|ESRI|IGNF|IAU(?:_\d+)?):([A-Z0-9._-]+)$/i;
const URI = /^https?:\/\/www\.opengis\.net\/def\/crs\/([A-Z0-9_]+)\/[^/]*\/([A-Z0-9._-]+)\/?$/i;
const GML_URI = /^https?:\/\/www\.opengis\.net\/gml\/srs\/(epsg)\.xml#(\d+)$/i;
const URN = /^urn:(?:x-)?ogc:def:crs:([A-Z0-9_]+):(?:[^:,]*:)?([A-Z0-9._-]+)$/i;

/**
 * @param text - `EPSG:3413`, `OGC:CRS84`, an OGC URL or URN of a CRS, a safe CURIE
 *   (`[EPSG:3413]`), a PROJ string, WKT (1 or 2, OGC's or ESRI's) or PROJJSON
 * @throws TilewrightError `crs-unknown` for anything else
 */
export function parseCrs(text: string): CrsReference {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const reference = parseCode(trimmed) ?? parseText(trimmed);
  if (reference !== null) return reference;
  throw new TilewrightError(
    'crs-unknown',
    `"${excerpt(trimmed)}" does not name a CRS. Understood are EPSG:3413, OGC:CRS84, ` +
      'http://www.opengis.net/def/crs/EPSG/0/3413, urn:ogc:def:crs:EPSG::3413, [EPSG:3413], ' +
      'PROJ strings (+proj=…), WKT and PROJJSON.',
  );
}

function parseCode(text: string): CrsReference | null {
  const bare = /^\[.*\]$/.test(text) ? text.slice(1, -1).trim() : text;
  const match = SHORT.exec(bare) ?? URI.exec(bare) ?? GML_URI.exec(bare) ?? URN.exec(bare);
  if (match === null) return null;
  const authority = match[1]!.toUpperCase();
  const code = match[2]!.toUpperCase();
  // WMS 1.3 writes CRS:84 for what is OGC:CRS84 elsewhere.
  if (authority === 'CRS') return { authority: 'OGC', code: `CRS${code.replace(/^CRS/, '')}` };
  return { authority, code };
}

/** Definitions are kept as they are: what they say is for resolveCrs. */
function parseText(text: string): CrsReference | null {
  const init = /^\+?init=(epsg):(\d+)(?:\s+\+?(?:no_defs|type=crs))*$/i.exec(text);
  if (init !== null) return { authority: init[1]!.toUpperCase(), code: init[2]! };
  return isDefinition(text) ? { definition: text } : null;
}
