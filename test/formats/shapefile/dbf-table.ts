import type { Value } from '../../../src/core/columns.ts';
import { openShapefile } from '../../../src/formats/shapefile/source.ts';
import type { ReadNotes } from '../../../src/formats/source.ts';
import { ODD_VALUES } from '../../../src/geometry/batch.ts';
import {
  type DbfField,
  dbfBytes,
  polygonContent,
  readSource,
  shapefileBytes,
  square,
  withFiles,
} from './shapefile-fixture.ts';

export interface Table {
  columns: string[];
  types: string[];
  rows: Value[][];
  odd: boolean[];
  notes: ReadNotes;
  /** What the layer says of what is not read. */
  told: string[];
}

/** Reads the rows of a .dbf beside as many squares. */
export function readTable(dbf: Buffer, cpg?: string): Table {
  const contents = Array.from({ length: dbf.readUInt32LE(4) }, () =>
    polygonContent(5, [square(0, 0, 1)]),
  );
  const { shp, shx } = shapefileBytes(5, contents);
  const files: Record<string, Buffer | string> = { 't.shp': shp, 't.shx': shx, 't.dbf': dbf };
  if (cpg !== undefined) files['t.CPG'] = cpg;
  let table: Table | undefined;
  withFiles(files, (path) => {
    const source = openShapefile(path('t.shp'));
    const { columns, notes: told } = source.layers()[0]!;
    const { features, notes } = readSource(source);
    source.close();
    table = {
      columns: columns.map((column) => column.name),
      types: columns.map((column) => column.type),
      rows: features.map((feature) => feature.values),
      odd: features.map((feature) => (feature.flags & ODD_VALUES) !== 0),
      notes,
      told: told!,
    };
  });
  return table!;
}

/** The values of one field, and whether each is flagged as odd. */
export function readField(field: Omit<DbfField, 'name'>, values: (string | Buffer)[]) {
  const { rows, odd, types } = readTable(
    dbfBytes(
      [{ name: 'v', ...field }],
      values.map((value) => [value]),
    ),
  );
  return { type: types[0], values: rows.map((row) => row[0]), odd: odd.map(Number) };
}
