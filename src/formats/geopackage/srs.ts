/** The CRS of a row of gpkg_spatial_ref_sys (OGC 12-128r18, clause 1.1.2 and annex F.10). */

import type { DatabaseSync } from 'node:sqlite';
import type { CrsReference } from '../../crs/reference.ts';
import { all } from './sql.ts';

/** Null for an undefined CRS, and for an id that no row has. */
export function readCrs(db: DatabaseSync, srsId: number): CrsReference | null {
  // 0 and −1 stand for an undefined geographic and an undefined Cartesian CRS.
  if (srsId === 0 || srsId === -1) return null;
  const row = all(db, 'select * from gpkg_spatial_ref_sys where srs_id = ?', srsId)[0];
  if (row === undefined) return null;
  const text = (column: string): string => String(row[column] ?? '').trim();
  const reference: CrsReference = { name: text('srs_name') };
  if (text('organization') !== '' && text('organization').toUpperCase() !== 'NONE') {
    reference.authority = text('organization').toUpperCase();
    reference.code = text('organization_coordsys_id');
  }
  const definition = text('definition');
  if (definition !== '' && definition !== 'undefined') reference.definition = definition;
  return reference.code === undefined && reference.definition === undefined ? null : reference;
}
