/**
 * Writes src/crs/table/data/*.tsv, the CRSs and operations that are known by code, from PROJ's
 * database: `npx node scripts/make-crs-table.ts [/usr/share/proj/proj.db]` (Debian: proj-data).
 * What each file holds is in its first lines. Numbers and names are PROJ's, unchanged; heights,
 * scopes and remarks are left out.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '/usr/share/proj/proj.db', { readOnly: true });
const folder = join(import.meta.dirname, '../src/crs/table/data');
mkdirSync(folder, { recursive: true });

type Row = Record<string, string | number | null>;
const rows = (sql: string): Row[] => database.prepare(sql).all() as Row[];
const metadata = new Map(
  rows('select key, value from metadata').map((r) => [r['key'], r['value']]),
);
const SOURCE =
  `PROJ ${metadata.get('PROJ.VERSION')} (X/MIT); EPSG Geodetic Parameter Dataset ` +
  `${metadata.get('EPSG.VERSION')} of ${metadata.get('EPSG.DATE')} (IOGP's terms of use: ` +
  `epsg.org/terms-of-use.html); ${metadata.get('ESRI.VERSION')} (Apache-2.0)`;

/** Authorities whose codes are known. IAU_2015 is written IAU, as its URNs are. */
const AUTHORITIES = "('EPSG', 'ESRI', 'IAU_2015', 'OGC')";

const id = (authority: unknown, code: unknown): string =>
  authority === null ? '' : `${authority === 'IAU_2015' ? 'IAU' : authority}:${code}`;

function write(name: string, columns: string, lines: string[]): void {
  const text = [`# ${SOURCE}`, `# ${columns}`, ...lines].join('\n');

  writeFileSync(join(folder, `${name}.tsv`), `${text}\n`);
  console.log(`${name}.tsv: ${lines.length} lines, ${(text.length / 1024).toFixed(0)} KiB`);
}

const line = (...cells: unknown[]): string =>
  cells
    .map((cell) => String(cell ?? '').replace(/[\t\n\r]+/g, ' '))
    .join('\t')
    .replace(/\t+$/, '');

/** Names that others give to a row of one table. */
function aliases(table: string): Map<string, string[]> {
  const found = rows(
    `select distinct auth_name a, code c, alt_name n from alias_name where table_name = '${table}' order by 1, 2, 3`,
  );
  const byId = Map.groupBy(found, ({ a, c }) => id(a, c));
  return new Map([...byId].map(([key, group]) => [key, group.map(({ n }) => String(n))]));
}

/** Bounds of areas, as `west south east north`, each once; a row names them by number. */
const areas: string[] = [];
const areaNumbers = new Map<string, number>();
function areasOf(table: string): Map<string, string> {
  const byId = new Map<string, string>();
  const found = rows(
    `select u.object_auth_name a, u.object_code c, west_lon w, south_lat s, east_lon e, north_lat n,
       x.description like '%- offshore%' o
     from usage u join extent x on x.auth_name = u.extent_auth_name and x.code = u.extent_code
     where u.object_table_name = '${table}' and west_lon is not null order by u.rowid`,
  );
  for (const { a, c, w, s, e, n, o } of found) {
    const bounds = `${w} ${s} ${e} ${n}${o === 1 ? ' offshore' : ''}`;
    const number = areaNumbers.get(bounds) ?? areas.push(bounds) - 1;
    areaNumbers.set(bounds, number);
    const key = id(a, c);
    const before = byId.get(key);
    const list = before === undefined ? [] : before.split(',');
    if (!list.includes(String(number))) byId.set(key, [...list, number].join(','));
  }
  return byId;
}

const DEGREE = Math.PI / 180;
write(
  'units',
  'id, name, kind, metres or radians or ratio in one',
  rows(
    `select * from unit_of_measure where type in ('length', 'angle', 'scale') and conv_factor is not null or code in (9110, 9107, 9108) order by auth_name, code`,
  ).map((r) => line(id(r['auth_name'], r['code']), r['name'], r['type'], r['conv_factor'])),
);

const ellipsoidAliases = aliases('ellipsoid');
write(
  'ellipsoids',
  'id, name, semi-major axis in metres, inverse flattening, semi-minor axis in metres, aliases',
  rows(
    `select e.*, u.conv_factor f from ellipsoid e
     join unit_of_measure u on u.auth_name = uom_auth_name and u.code = uom_code
     where e.auth_name in ${AUTHORITIES} order by e.auth_name, e.code`,
  ).map((r) =>
    line(
      id(r['auth_name'], r['code']),
      r['name'],
      Number(r['semi_major_axis']) * Number(r['f']),
      r['inv_flattening'],
      r['semi_minor_axis'] === null ? '' : Number(r['semi_minor_axis']) * Number(r['f']),
      (ellipsoidAliases.get(id(r['auth_name'], r['code'])) ?? []).join('|'),
    ),
  ),
);

/** Degrees, minutes and seconds in one number, DDD.MMSSsss, as EPSG's unit 9110 has them. */
function sexagesimal(value: number): number {
  const text = Math.abs(value).toFixed(12);
  const [degrees = '0', fraction = '0'] = text.split('.');
  const seconds = Number(`${fraction.slice(2, 4)}.${fraction.slice(4)}`);
  const result = Number(degrees) + Number(fraction.slice(0, 2)) / 60 + seconds / 3600;
  return Math.sign(value) * result;
}

write(
  'prime-meridians',
  'id, name, degrees east of Greenwich',
  rows(
    `select p.*, u.conv_factor f from prime_meridian p
     left join unit_of_measure u on u.auth_name = uom_auth_name and u.code = uom_code
     where p.auth_name in ${AUTHORITIES} order by p.auth_name, p.code`,
  ).map((r) => {
    const value = Number(r['longitude']);
    const degrees =
      r['uom_code'] === 9110
        ? sexagesimal(value)
        : r['uom_code'] === 9102
          ? value
          : (value * Number(r['f'])) / DEGREE;
    return line(id(r['auth_name'], r['code']), r['name'], Number(degrees.toPrecision(15)));
  }),
);

const datumAliases = aliases('geodetic_datum');
const members = Map.groupBy(
  rows('select * from geodetic_datum_ensemble_member order by sequence'),
  (r) => id(r['ensemble_auth_name'], r['ensemble_code']),
);
write(
  'datums',
  'id, name, ellipsoid, prime meridian, accuracy of the ensemble in metres, its members, aliases',
  rows(
    `select * from geodetic_datum where auth_name in ${AUTHORITIES} order by auth_name, code`,
  ).map((r) => {
    const key = id(r['auth_name'], r['code']);
    return line(
      key,
      r['name'],
      id(r['ellipsoid_auth_name'], r['ellipsoid_code']),
      id(r['prime_meridian_auth_name'], r['prime_meridian_code']),
      r['ensemble_accuracy'],
      (members.get(key) ?? []).map((m) => id(m['member_auth_name'], m['member_code'])).join(' '),
      (datumAliases.get(key) ?? []).join('|'),
    );
  }),
);

/** Coordinate systems as `unit axis axis`, e.g. `EPSG:9001 en`, in the order of the authority. */
const systems = new Map<string, string>();
for (const [key, axes] of Map.groupBy(
  rows('select * from axis order by coordinate_system_order'),
  (r) => id(r['coordinate_system_auth_name'], r['coordinate_system_code']),
)) {
  const units = new Set(axes.map((r) => id(r['uom_auth_name'], r['uom_code'])));
  const words = axes.map((r) => String(r['orientation']));
  // Both axes of a polar system point along meridians: easting and northing they are all the same.
  const polar = words.every((word) => /^(?:North|South) along/.test(word));
  const letters = polar
    ? 'en'
    : words.map((word) => /^(east|north|west|south)$/.exec(word)?.[1]?.[0] ?? '?').join('');
  systems.set(key, `${[...units].slice(0, 1)} ${letters}`);
}

const text = (value: unknown): string => (value === null ? '' : String(value));

const geodeticAliases = aliases('geodetic_crs');
const geodeticAreas = areasOf('geodetic_crs');
const KINDS: Record<string, string> = {
  'geographic 2D': '2',
  'geographic 3D': '3',
  geocentric: 'X',
  other: 'O',
};
write(
  'geodetic',
  'id, kind (2 and 3: geographic, of so many dimensions; X: geocentric; O: other), name, datum, unit and axes, area, 1 if deprecated, aliases, WKT',
  rows(`select * from geodetic_crs where auth_name in ${AUTHORITIES} order by auth_name, code`).map(
    (r) => {
      const key = id(r['auth_name'], r['code']);
      return line(
        key,
        KINDS[String(r['type'])],
        r['name'],
        id(r['datum_auth_name'], r['datum_code']),
        systems.get(id(r['coordinate_system_auth_name'], r['coordinate_system_code'])),
        geodeticAreas.get(key),
        r['deprecated'] === 1 ? 1 : '',
        (geodeticAliases.get(key) ?? []).join('|'),
        r['text_definition'],
      );
    },
  ),
);

/** Conversions, each set of parameters once. */
const conversions: string[] = [];
const conversionNumbers = new Map<string, number>();
const conversionOf = new Map<string, number>();
const methods = new Map(
  rows('select * from conversion_method').map((r) => [id(r['auth_name'], r['code']), r['name']]),
);
const parameterNames = new Map(
  rows('select * from conversion_param').map((r) => [id(r['auth_name'], r['code']), r['name']]),
);
for (const r of rows('select * from conversion_table')) {
  const parameters: string[] = [];
  for (let i = 1; i <= 7; i++) {
    const code = r[`param${i}_code`];
    if (code === null || code === undefined) continue;
    const unit = id(r[`param${i}_uom_auth_name`], r[`param${i}_uom_code`]);
    const parameter = id(r[`param${i}_auth_name`], code);
    const name = parameter.startsWith('EPSG:') ? code : parameterNames.get(parameter);
    parameters.push(`${name}=${r[`param${i}_value`]} ${unit.replace('EPSG:', '')}`);
  }
  const method = id(r['method_auth_name'], r['method_code']);
  if (!methods.has(method)) throw new Error(`no method ${method}`);
  const named = method.startsWith('EPSG:') ? method.slice(5) : methods.get(method);
  const content = line(named, parameters.join(';'));
  const number = conversionNumbers.get(content) ?? conversions.push(content) - 1;
  conversionNumbers.set(content, number);
  conversionOf.set(id(r['auth_name'], r['code']), number);
}

const projectedAreas = areasOf('projected_crs');
const used = new Map<number, number>();
const keptConversions: string[] = [];
write(
  'projected',
  'id, name, geodetic CRS, number of the conversion (from 0), unit and axes, area, 1 if deprecated, WKT',
  rows(
    `select * from projected_crs where auth_name in ${AUTHORITIES} order by auth_name, code`,
  ).map((r) => {
    const key = id(r['auth_name'], r['code']);
    const conversion = conversionOf.get(id(r['conversion_auth_name'], r['conversion_code']));
    let number: number | '' = '';
    if (conversion !== undefined) {
      number = used.get(conversion) ?? keptConversions.push(conversions[conversion]!) - 1;
      used.set(conversion, number);
    }
    return line(
      key,
      r['name'],
      id(r['geodetic_crs_auth_name'], r['geodetic_crs_code']),
      number,
      systems.get(id(r['coordinate_system_auth_name'], r['coordinate_system_code'])),
      projectedAreas.get(key),
      r['deprecated'] === 1 ? 1 : '',
      text(r['text_definition']),
    );
  }),
);
write(
  'conversions',
  "EPSG's code of the method, or its name where it has none; parameters as code or name = value unit",
  keptConversions,
);

write('others', 'id, kind (C: compound, V: vertical), name, horizontal CRS of a compound one', [
  ...rows(
    `select * from compound_crs where auth_name in ${AUTHORITIES} order by auth_name, code`,
  ).map((r) =>
    line(
      id(r['auth_name'], r['code']),
      'C',
      r['name'],
      id(r['horiz_crs_auth_name'], r['horiz_crs_code']),
    ),
  ),
  ...rows(
    `select * from vertical_crs where auth_name in ${AUTHORITIES} order by auth_name, code`,
  ).map((r) => line(id(r['auth_name'], r['code']), 'V', r['name'])),
]);

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
write(
  'areas',
  'west south east north, in degrees, and whether only what is offshore is meant; the number of a line, from 0, names it',
  areas,
);
