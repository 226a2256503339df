/** The CRS of a row of gpkg_spatial_ref_sys (OGC 12-128r18, clause 1.1.2 and annex F.10). */

import type { DatabaseSync } from 'node:sqlite';
import type { CrsReference } from '../../crs/reference.ts';
import { all, sameName } from './sql.ts';

/** WKT 2, beside or in place of WKT 1 in `definition`; the extension gpkg_crs_wkt adds it. */
const WKT2_COLUMN = 'definition_12_063';

/** @returns null for an undefined CRS; undefined for an id that no row has */
export function readCrs(db: DatabaseSync, srsId: number): CrsReference | null | undefined {
  // 0 and −1 stand for an undefined geographic and an undefined Cartesian CRS.
  if (srsId === 0 || srsId === -1) return null;
  const columns = all(db, "select name from pragma_table_xinfo('gpkg_spatial_ref_sys')");
  const hasWkt2 = columns.some((column) => sameName(String(column['name']), WKT2_COLUMN));
  const row = all(
    db,
    `select srs_name as name, organization as authority, organization_coordsys_id as code,
            definition as wkt1, ${hasWkt2 ? WKT2_COLUMN : 'null'} as wkt2
       from gpkg_spatial_ref_sys where srs_id = ?`,
    srsId,
  )[0];
  if (row === undefined) return undefined;
  const text = (column: string): string => String(row[column] ?? '').trim();
  const [definition, otherDefinition] = [text('wkt2'), text('wkt1')].filter(isDefined);
  // GDAL says by a definition of this name that there is none, under an id of its own.
  if (definition !== undefined && /^\w+\s*[[(]\s*"undefined\b/i.test(definition)) return null;
  const authority = text('authority').toUpperCase();
  const hasCode = authority !== '' && authority !== 'NONE';
  if (!hasCode && definition === undefined) return null;
  return {
    name: text('name'),
    ...(hasCode && { authority, code: text('code') }),
    ...(definition !== undefined && { definition }),
    ...(otherDefinition !== undefined && { otherDefinition }),
  };
}

function isDefined(definition: string): boolean {
  return definition !== '' && definition.toLowerCase() !== 'undefined';
}
