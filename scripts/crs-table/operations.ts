/** Operations between geodetic CRSs: operations.tsv. */

import { AUTHORITIES, areasOf, id, line, type Row, rows, write } from './database.ts';

/** Operations between geodetic CRSs. IGNF's and NKG's are between their own. */
const OPERATION_AUTHORITIES = "('EPSG', 'ESRI', 'PROJ')";
const superseded = new Map<string, string>();
for (const r of rows(
  `select * from supersession where superseded_table_name like '%transformation' or superseded_table_name = 'concatenated_operation'`,
)) {
  if (r['same_source_target_crs'] !== 1) continue;
  superseded.set(
    id(r['superseded_auth_name'], r['superseded_code']),
    id(r['replacement_auth_name'], r['replacement_code']),
  );
}
const geodetic = new Set(
  rows(`select auth_name, code from geodetic_crs where auth_name in ${AUTHORITIES}`).map((r) =>
    id(r['auth_name'], r['code']),
  ),
);
const isBetweenGeodetic = (r: Row): boolean =>
  geodetic.has(id(r['source_crs_auth_name'], r['source_crs_code'])) &&
  geodetic.has(id(r['target_crs_auth_name'], r['target_crs_code']));

const operations: string[] = [];
function operation(r: Row, area: string | undefined, method: string, parameters: string): void {
  const key = id(r['auth_name'], r['code']);
  operations.push(
    line(
      key,
      r['name'],
      id(r['source_crs_auth_name'], r['source_crs_code']),
      id(r['target_crs_auth_name'], r['target_crs_code']),
      r['accuracy'],
      area,
      superseded.get(key),
      method,
      parameters,
    ),
  );
}

const unit = (authority: unknown, code: unknown): string =>
  id(authority, code).replace('EPSG:', '');
const helmertAreas = areasOf('helmert_transformation');
for (const r of rows(
  `select * from helmert_transformation where auth_name in ${OPERATION_AUTHORITIES} and not deprecated order by auth_name, code`,
)) {
  if (!isBetweenGeodetic(r)) continue;
  const kind = (prefix: string): string =>
    unit(r[`${prefix}_uom_auth_name`], r[`${prefix}_uom_code`]);
  const groups = [`${kind('translation')}:${r['tx']},${r['ty']},${r['tz']}`];
  if (r['rx'] !== null) {
    groups.push(`${kind('rotation')}:${r['rx']},${r['ry']},${r['rz']}`);
    groups.push(`${kind('scale_difference')}:${r['scale_difference']}`);
  }
  if (r['px'] !== null) groups.push(`${kind('pivot')}:${r['px']},${r['py']},${r['pz']}`);
  operation(
    r,
    helmertAreas.get(id(r['auth_name'], r['code'])),
    id(r['method_auth_name'], r['method_code']),
    groups.join(';'),
  );
}
const alternatives = new Map(
  rows('select * from grid_alternatives').map((r) => [String(r['original_grid_name']), r]),
);
const gridAreas = areasOf('grid_transformation');
for (const r of rows(
  `select * from grid_transformation where auth_name in ${OPERATION_AUTHORITIES} and not deprecated order by auth_name, code`,
)) {
  if (!isBetweenGeodetic(r)) continue;
  if (/GravityRelatedHeight|Depth|Vertical|Point motion/.test(String(r['method_name']))) continue;
  const grid = (name: unknown): string => {
    if (name === null) return '';
    const other = alternatives.get(String(name));
    const names = [name, other?.['proj_grid_name'], other?.['old_proj_grid_name']];
    const flag = other?.['inverse_direction'] === 1 ? '!' : '';
    return (
      flag + [...new Set(names.filter((n) => n !== null && n !== undefined && n !== ''))].join('|')
    );
  };
  const names = [grid(r['grid_name']), grid(r['grid2_name'])].filter((n) => n !== '');
  operation(
    r,
    gridAreas.get(id(r['auth_name'], r['code'])),
    id(r['method_auth_name'], r['method_code']),
    names.join(';'),
  );
}
const otherAreas = areasOf('other_transformation');
const OFFSETS = "('9601', '9618', '9619')";
for (const r of rows(
  `select * from other_transformation where auth_name in ${OPERATION_AUTHORITIES} and not deprecated and method_auth_name = 'EPSG' and cast(method_code as text) in ${OFFSETS} order by auth_name, code`,
)) {
  if (!isBetweenGeodetic(r)) continue;
  const parameters: string[] = [];
  for (let i = 1; i <= 7; i++) {
    const code = r[`param${i}_code`];
    if (code === null || code === undefined) continue;
    const name = unit(r[`param${i}_auth_name`], code);
    const of = unit(r[`param${i}_uom_auth_name`], r[`param${i}_uom_code`]);
    parameters.push(`${name}=${r[`param${i}_value`]} ${of}`);
  }
  operation(
    r,
    otherAreas.get(id(r['auth_name'], r['code'])),
    id(r['method_auth_name'], r['method_code']),
    parameters.join(';'),
  );
}
const known = new Set(operations.map((text) => text.slice(0, text.indexOf('\t'))));
const steps = Map.groupBy(
  rows('select * from concatenated_operation_step order by step_number'),
  (r) => id(r['operation_auth_name'], r['operation_code']),
);
const concatenatedAreas = areasOf('concatenated_operation');
for (const r of rows(
  `select * from concatenated_operation where auth_name in ${OPERATION_AUTHORITIES} and not deprecated order by auth_name, code`,
)) {
  const key = id(r['auth_name'], r['code']);
  const parts = (steps.get(key) ?? []).map((s) => id(s['step_auth_name'], s['step_code']));
  if (!isBetweenGeodetic(r) || !parts.every((part) => known.has(part))) continue;
  operation(r, concatenatedAreas.get(key), 'steps', parts.join(' '));
}
write(
  'operations',
  'id, name, source CRS, target CRS, accuracy in metres, areas, superseded by, method, parameters: Helmert unit:x,y,z groups; names of grids (! before: in the inverse direction); code=value unit; steps',
  operations,
);
