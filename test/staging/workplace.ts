/** Inputs in a row of tiles, and the command line over them: what tests of staging again use. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import {
  type Box,
  type CliResult,
  changeMarks,
  hashFolder,
  IN_ONE_TILE,
  polygonWkb,
  randomPolygons,
  readRows,
  readTiles,
  runCli,
  temporaryFolder,
  withoutProgress,
} from './support.ts';
import { type OddLayer, writeGeoPackage } from './write-geopackage.ts';

export const SUMMARY = 'staging_summary.csv';
/** Degrees of a tile at z 13 of WGS1984Quad. */
const TILE = 180 / 2 ** 13;

/** The tile so many columns east of the first. */
export function tileAt(column: number): string {
  return `WGS1984Quad/13/${1216 + column}/894.gpkg`;
}

function boxAt(column: number): Box {
  const { minX, maxX, ...rest } = IN_ONE_TILE;
  return { minX: minX + column * TILE, maxX: maxX + column * TILE, ...rest };
}

/** A layer with ten features in each of these columns of tiles. */
export function layerAt(columns: readonly number[], seed = 1, name = 'polygons'): OddLayer {
  const rings = columns.flatMap((column) => randomPolygons(seed, 10, boxAt(column), 2e-4));
  return {
    layer: name,
    srsId: 4326,
    columns: [{ name: 'n', type: 'INTEGER' }],
    rows: rings.map((ring, n) => ({ wkb: polygonWkb([ring]), values: [n] })),
  };
}

/** An input folder and a staged folder, and the command line over them. */
export class Workplace {
  readonly base: string;
  input: string;
  staged: string;

  constructor(t: { after(work: () => void): void }) {
    this.base = temporaryFolder(t);
    this.input = join(this.base, 'input');
    this.staged = join(this.base, 'staged');
    mkdirSync(this.input);
  }

  write(name: string, layers: OddLayer | OddLayer[]): void {
    mkdirSync(dirname(join(this.input, name)), { recursive: true });
    writeGeoPackage(join(this.input, name), layers);
  }

  remove(name: string): void {
    rmSync(join(this.input, name));
  }

  run(...options: string[]): Promise<CliResult> {
    return this.runOn([this.input], ...options);
  }

  runOn(inputs: string[], ...options: string[]): Promise<CliResult> {
    const args = ['stage', ...inputs, '--out', this.staged, '--executor', 'inline'];
    return runCli([...args, ...options]);
  }

  /** Runs, expects success, and returns what was printed. */
  async ok(...options: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...options);
    assert.deepEqual([code, withoutProgress(stderr)], [0, ''], stdout);
    return stdout;
  }

  rowsOf(input: string): number {
    return readTiles(this.staged).filter((row) => row.values['staging_filename'] === input).length;
  }

  /** Of one tile alone: others may be damaged. */
  rowsIn(tile: string, input: string): number {
    const rows = readRows(join(this.staged, tile));
    return rows.filter((row) => row.values['staging_filename'] === input).length;
  }

  /** Which tiles were written again since. */
  rewritten(before: Map<string, string>): string[] {
    return [...changeMarks(this.staged)]
      .filter(([tile, mark]) => before.get(tile) !== mark)
      .map(([tile]) => tile);
  }

  /** The same without a process of its own, which takes longer than the staging. */
  async stage(dirStaged = this.staged, values: ConfigInput = {}): Promise<void> {
    const config: ConfigInput = { dirInput: this.input, dirStaged, executor: 'inline', ...values };
    const { missing, inputs } = await new TileStager(config).stageAll();
    assert.deepEqual(missing, []);
    assert.ok(inputs.every((input) => input.status !== 'failed'));
  }

  async assertAsFromScratch(values: object = {}): Promise<void> {
    const fresh = join(this.base, 'fresh');
    rmSync(fresh, { recursive: true, force: true });
    await this.stage(fresh, values);
    assert.deepEqual(
      hashFolder(this.staged, { summary: SUMMARY }),
      hashFolder(fresh, { summary: SUMMARY }),
    );
  }
}

export function threeInputs(t: { after(work: () => void): void }): Workplace {
  const at = new Workplace(t);
  at.write('a.gpkg', layerAt([0, 1], 1));
  at.write('b.gpkg', layerAt([1, 2], 2));
  at.write('c.gpkg', layerAt([4], 3));
  return at;
}
