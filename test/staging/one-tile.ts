/** Inputs of any columns whose features are all in one tile: what tests of the union of columns use. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Value } from '../../src/core/columns.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import {
  declaredColumns,
  hashFolder,
  IN_ONE_TILE,
  polygonWkb,
  randomPolygons,
  readRows,
  THAT_TILE,
  temporaryFolder,
} from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

export interface Table {
  columns: Record<string, string>;
  rows: Value[][];
  /** Name of the key; default: fid. */
  key?: string;
  geometry?: string;
}

/** A folder of inputs whose features are all in one tile, and what was staged of them. */
export class OneTile {
  readonly base: string;
  readonly input: string;
  readonly staged: string;

  constructor(t: { after(work: () => void): void }) {
    this.base = temporaryFolder(t);
    this.input = join(this.base, 'input');
    this.staged = join(this.base, 'staged');
    mkdirSync(this.input);
  }

  /** Writes `name`.gpkg; the same name and table make the same features. */
  write(name: string, { columns, rows, key = 'fid', geometry = 'geom' }: Table): void {
    const seed = [...name].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7);
    const rings = randomPolygons(seed, rows.length, IN_ONE_TILE, 1e-4);
    writeGeoPackage(join(this.input, `${name}.gpkg`), {
      layer: 'polygons',
      srsId: 4326,
      key,
      geometry,
      columns: Object.entries(columns).map(([column, type]) => ({ name: column, type })),
      rows: rows.map((values, i) => ({ wkb: polygonWkb([rings[i]!]), values })),
    });
  }

  remove(name: string): void {
    rmSync(join(this.input, `${name}.gpkg`));
  }

  stage(staged = this.staged) {
    const config: ConfigInput = {
      dirInput: this.input,
      dirStaged: staged,
      executor: 'inline',
      prune: true,
    };
    return new TileStager(config).stageAll();
  }

  get tile(): string {
    return join(this.staged, THAT_TILE);
  }

  /** Names and types of the tile's attributes. */
  columns(): Record<string, string> {
    const attributes = declaredColumns(this.tile).slice(2, -8);
    return Object.fromEntries(attributes.map(({ name, type }) => [name, type]));
  }

  /** Values of the attributes of the rows of one input. */
  values(name: string): Value[][] {
    const columns = Object.keys(this.columns());
    return readRows(this.tile)
      .filter((row) => row.values['staging_filename'] === `${name}.gpkg`)
      .map((row) => columns.map((column) => row.values[column]!));
  }

  /** What is staged now is what staging into a new folder makes, to the byte. */
  async assertAsFromScratch(): Promise<void> {
    const fresh = join(this.base, 'fresh');
    rmSync(fresh, { recursive: true, force: true });
    await this.stage(fresh);
    const summary = 'staging_summary.csv';
    assert.deepEqual(hashFolder(this.staged, { summary }), hashFolder(fresh, { summary }));
  }
}
