/** PROJ's database, as make-crs-table asks it, and the files that it writes. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(process.argv[2] ?? '/usr/share/proj/proj.db', { readOnly: true });
const folder = join(import.meta.dirname, '../../src/crs/table/data');
mkdirSync(folder, { recursive: true });

export type Row = Record<string, string | number | null>;
export const rows = (sql: string): Row[] => database.prepare(sql).all() as Row[];
const metadata = new Map(
  rows('select key, value from metadata').map((r) => [r['key'], r['value']]),
);
const SOURCE =
  `PROJ ${metadata.get('PROJ.VERSION')} (X/MIT); EPSG Geodetic Parameter Dataset ` +
  `${metadata.get('EPSG.VERSION')} of ${metadata.get('EPSG.DATE')} (IOGP's terms of use: ` +
  `epsg.org/terms-of-use.html); ${metadata.get('ESRI.VERSION')} (Apache-2.0)`;

/** Authorities whose codes are known. IAU_2015 is written IAU, as its URNs are. */
export const AUTHORITIES = "('EPSG', 'ESRI', 'IAU_2015', 'OGC')";

export const id = (authority: unknown, code: unknown): string =>
  authority === null ? '' : `${authority === 'IAU_2015' ? 'IAU' : authority}:${code}`;

export function write(name: string, columns: string, lines: string[]): void {
  const text = [`# ${SOURCE}`, `# ${columns}`, ...lines].join('\n');

  writeFileSync(join(folder, `${name}.tsv`), `${text}\n`);
  console.log(`${name}.tsv: ${lines.length} lines, ${(text.length / 1024).toFixed(0)} KiB`);
}

export const line = (...cells: unknown[]): string =>
  cells
    .map((cell) => String(cell ?? '').replace(/[\t\n\r]+/g, ' '))
    .join('\t')
    .replace(/\t+$/, '');

/** Names that others give to a row of one table. */
export function aliases(table: string): Map<string, string[]> {
  const found = rows(
    `select distinct auth_name a, code c, alt_name n from alias_name where table_name = '${table}' order by 1, 2, 3`,
  );
  const byId = Map.groupBy(found, ({ a, c }) => id(a, c));
  return new Map([...byId].map(([key, group]) => [key, group.map(({ n }) => String(n))]));
}

/** Bounds of areas, as `west south east north`, each once; a row names them by number. */
export const areas: string[] = [];
const areaNumbers = new Map<string, number>();
export function areasOf(table: string): Map<string, string> {
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
