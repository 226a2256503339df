/** Text that names a CRS → CrsReference. */

import { TilewrightError } from '../core/errors.ts';
import type { CrsReference } from './reference.ts';
import { identifierOf, isCrsKeyword, parseWkt, textAt } from './wkt.ts';

/** Authorities that may be written as `AUTHORITY:code`; other words before a colon are no CRS. */
const SHORT = /^(EPSG|OGC|CRS|ESRI|IGNF|IAU(?:_\d+)?):([A-Z0-9._-]+)$/i;
const URI = /^https?:\/\/www\.opengis\.net\/def\/crs\/([A-Z0-9_]+)\/[^/]*\/([A-Z0-9._-]+)\/?$/i;
const GML_URI = /^https?:\/\/www\.opengis\.net\/gml\/srs\/(epsg)\.xml#(\d+)$/i;
const URN = /^urn:(?:x-)?ogc:def:crs:([A-Z0-9_]+):(?:[^:,]*:)?([A-Z0-9._-]+)$/i;

/**
 * @param text - `EPSG:3413`, `OGC:CRS84`, an OGC URL or URN of a CRS, a safe CURIE
 *   (`[EPSG:3413]`), a PROJ string or WKT (1 or 2, OGC's or ESRI's)
 * @throws TilewrightError `crs-unknown` for anything else
 */
export function parseCrs(text: string): CrsReference {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  const reference = parseCode(trimmed) ?? parseProj(trimmed) ?? parseWktText(trimmed);
  if (reference !== null) return reference;
  throw new TilewrightError(
    'crs-unknown',
    `"${excerpt(trimmed)}" does not name a CRS. Understood are EPSG:3413, OGC:CRS84, ` +
      'http://www.opengis.net/def/crs/EPSG/0/3413, urn:ogc:def:crs:EPSG::3413, [EPSG:3413], ' +
      'PROJ strings (+proj=…) and WKT.',
  );
}

/** The text as it can be quoted in a message: one line, not too long. */
export function excerpt(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 120 ? `${line.slice(0, 119)}…` : line;
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

function parseProj(text: string): CrsReference | null {
  if (text.length > 4096 || !/^\+?\w/.test(text) || text.includes('[')) return null;
  const init = /^\+?init=(epsg):(\d+)(?:\s+\+?(?:no_defs|type=crs))*$/i.exec(text);
  if (init !== null) return { authority: init[1]!.toUpperCase(), code: init[2]! };
  if (!/(?:^|\s)\+?proj=\w/.test(text)) return null;
  if (!text.split(/\s+/).every((token) => /^\+?\w+(?:=.*)?$/.test(token))) return null;
  return { definition: text };
}

function parseWktText(text: string): CrsReference | null {
  const node = parseWkt(text);
  if (node === null || !isCrsKeyword(node.keyword)) return null;
  const reference: CrsReference = { ...identifierOf(node), definition: text };
  const name = textAt(node, 0);
  if (name !== null && name !== '') reference.name = name;
  return reference;
}
