/** Staged tiles as GeoPackages. */

import { basename, extname } from 'node:path';
import type { OutputFile } from '../../core/files/output-file.ts';
import {
  GEOMETRY_MULTI,
  GEOMETRY_POLYGON,
  GEOMETRY_XY,
  GEOMETRY_XYZ,
} from '../../geometry/kind.ts';
import { type EncodedRow, type EncodedValues, NOTHING } from '../encoded-row.ts';
import type { StagedFormat, StagedLayer, StagedRows, StagedWriter } from '../staged-format.ts';
import { spatialRefSys, srsIdOf, wgs84 } from './spatial-ref.ts';
import { GeoPackageFile, GeoPackageRows } from './staged-file.ts';
import { GeoPackageWriter } from './writer.ts';

export const geoPackageTiles: StagedFormat = {
  name: 'GeoPackage',
  extension: '.gpkg',
  // SQLite's tables have up to 2,000 columns; two are the key and the geometry.
  maxColumns: 1998,
  create: (output, layer) => new TileWriter(output, layer),
  open: (path, layer = basename(path, extname(path))) => new GeoPackageFile(path, layer),
};

class TileWriter implements StagedWriter {
  readonly #writer: GeoPackageWriter;
  readonly #layer: StagedLayer;

  constructor(output: OutputFile, layer: StagedLayer) {
    this.#writer = new GeoPackageWriter(output, srsIdOf(layer.crs));
    this.#layer = layer;
  }

  get rows(): number {
    return this.#writer.rows;
  }

  add(row: EncodedRow, more: EncodedValues): void {
    this.#writer.add(row, more);
  }

  copy(rows: StagedRows): void {
    if (!(rows instanceof GeoPackageRows)) {
      this.add(rows.row, NOTHING);
      return;
    }
    const { payload, payloadStart, payloadEnd } = rows.cursor;
    this.#writer.addRecord(rows.row, payload, payloadStart, payloadEnd);
  }

  finish(): void {
    const { name, columns, crs, geometry } = this.#layer;
    this.#writer.finish({
      name,
      columns,
      srs: spatialRefSys(crs),
      wgs84: wgs84(),
      geometryType: geometryType(geometry),
      z: (geometry & GEOMETRY_XYZ) === 0 ? 0 : (geometry & GEOMETRY_XY) === 0 ? 1 : 2,
    });
  }
}

function geometryType(geometry: number): string {
  const kinds = geometry & (GEOMETRY_POLYGON | GEOMETRY_MULTI);
  if (kinds === GEOMETRY_POLYGON) return 'POLYGON';
  return kinds === GEOMETRY_MULTI ? 'MULTIPOLYGON' : 'GEOMETRY';
}
