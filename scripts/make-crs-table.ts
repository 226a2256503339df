/**
 * Writes src/crs/table/data/*.tsv, the CRSs and operations that are known by code, from PROJ's
 * database: `npx node scripts/make-crs-table.ts [/usr/share/proj/proj.db]` (Debian: proj-data).
 * What each file holds is in its first lines. Numbers and names are PROJ's, unchanged; heights,
 * scopes and remarks are left out.
 */

import {
  AUTHORITIES,
  aliases,
  areas,
  areasOf,
  id,
  line,
  rows,
  write,
} from './crs-table/database.ts';

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

// The areas that operations name get their numbers while these are written.
await import('./crs-table/operations.ts');
write(
  'areas',
  'west south east north, in degrees, and whether only what is offshore is meant; the number of a line, from 0, names it',
  areas,
);
