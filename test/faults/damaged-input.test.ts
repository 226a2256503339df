/** Damaged files: whatever is in them, they are staged or refused, and never take the program down. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, test } from 'node:test';
import { Random } from '../../src/core/random.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { multiPolygonWkb, NO_SHARED_DATA, polygonWkb, sharedData } from '../staging/support.ts';
import { writeGeoPackage } from '../staging/write-geopackage.ts';
import { square, suiteFolder } from './faults.ts';
import type { Outcome } from './stage-apart.ts';

const STAGE_APART = join(import.meta.dirname, 'stage-apart.ts');

suite('damaged input', () => {
  const folder = suiteFolder();

  /** Stages each file apart, in one process. */
  const stageApart = (
    paths: readonly string[],
    config: object,
  ): { outcomes: Outcome[]; mebibytes: number } => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [STAGE_APART, folder, JSON.stringify(config)],
      { input: paths.join('\n'), encoding: 'utf8', maxBuffer: 1 << 28, timeout: 120_000 },
    );
    assert.equal(status, 0, `${stdout.slice(-500)}\n${stderr}`);
    const lines = stdout.trimEnd().split('\n');
    const kibibytes = Number(lines.pop());
    const outcomes = lines.map((line) => JSON.parse(line) as Outcome);
    assert.equal(outcomes.length, paths.length);
    for (const { path, outcome, message, rowsRead, featuresStaged, dropped } of outcomes) {
      assert.notEqual(outcome, 'internal', `${path}: ${message}`);
      assert.notEqual(outcome, 'not one of ours', `${path}: ${message}`);
      assert.equal(featuresStaged + dropped, rowsRead, path);
      if (outcome !== 'staged') assert.ok(message.includes(basename(path)), `${path}: ${message}`);
    }
    return { outcomes, mebibytes: kibibytes / 1024 };
  };

  const count = (outcomes: readonly Outcome[]): string => {
    const groups = Map.groupBy(outcomes, ({ outcome }) => outcome);
    return [...groups].map(([outcome, all]) => `${all.length} ${outcome}`).join(', ');
  };

  /** A GeoPackage with all kinds of pages and rows, small enough that a change matters. */
  const varied = (path: string): Buffer => {
    const outline = Array.from({ length: 400 }, (_, k) => {
      const angle = (2 * Math.PI * (k % 399)) / 399;
      return [20 + Math.cos(angle) / 100, 50 + Math.sin(angle) / 100];
    });
    writeGeoPackage(path, {
      layer: 'varied',
      srsId: 4326,
      columns: [
        { name: 'a', type: 'INTEGER' },
        { name: 'b', type: 'TEXT' },
        { name: 'c', type: 'REAL' },
      ],
      rows: Array.from({ length: 60 }, (_, i) => ({
        wkb:
          i === 20
            ? polygonWkb([outline])
            : i % 9 === 0
              ? multiPolygonWkb([[square(10 + i / 100, 50)], [square(11, 50 + i / 100)]])
              : polygonWkb([square(10 + i / 1000, 50), square(10.0002 + i / 1000, 50.0002, 1e-4)]),
        values: [i * 1e6, 'x'.repeat(i), i / 7],
      })),
    });
    return readFileSync(path);
  };

  test('files with bytes changed at random', (t) => {
    const bytes = varied(join(folder, 'varied.gpkg'));
    const random = new Random(seedOf(200));
    const paths = Array.from({ length: rounds(60, 200) }, (_, i) => {
      const changed = Buffer.from(bytes);
      for (let k = random.integer(3); k >= 0; k--) {
        // Often in the header of the file or of a page, where it does most harm.
        const where = random.integer(3);
        const page = 4096 * random.integer(bytes.length / 4096);
        const at =
          where === 0
            ? random.integer(200)
            : where === 1
              ? page + random.integer(12)
              : random.integer(bytes.length);
        changed[at] =
          random.integer(2) === 0 ? changed[at]! ^ (1 << random.integer(8)) : random.integer(256);
      }
      const path = join(folder, `changed-${i}.gpkg`);
      writeFileSync(path, changed);
      return path;
    });
    const { outcomes, mebibytes } = stageApart(paths, { zRange: [0, 9] });
    t.diagnostic(`${count(outcomes)}; ${Math.round(mebibytes)} MiB`);
    assert.ok(outcomes.some(({ outcome }) => outcome === 'staged'));
    assert.ok(outcomes.some(({ outcome }) => outcome === 'input-corrupt'));
    assert.ok(mebibytes < 600, `${mebibytes} MiB`);
    for (const path of paths) rmSync(path);
  });

  test('records that say they are two gigabytes long', (t) => {
    const path = join(folder, 'long.gpkg');
    const bytes = varied(path);
    const db = new DatabaseSync(path, { readOnly: true });
    const root = Number(
      db.prepare("select rootpage from sqlite_schema where name = 'varied'").get()!['rootpage'],
    );
    db.close();
    // The last leaf below the root.
    let page = 4096 * (root - 1);
    while (bytes[page] === 5) page = 4096 * (bytes.readUInt32BE(page + 8) - 1);
    assert.equal(bytes[page], 13);
    const cell = page + bytes.readUInt16BE(page + 8);
    const end = bytes[cell]! < 0x80 ? cell + 1 : cell + 2;
    const paths = [
      [0x87, 0xff, 0xff, 0xff, 0x7f],
      [0x8f, 0xff, 0xff, 0xff, 0x7f],
      [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
      [0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    ].map((length, i) => {
      // The cell with another length, in the free space behind the pointers to cells.
      const forged = Buffer.from(bytes);
      const free = 8 + 2 * bytes.readUInt16BE(page + 3);
      const copy = Buffer.from([...length, ...bytes.subarray(end, end + 40)]);
      assert.ok(free + copy.length <= bytes.readUInt16BE(page + 5), 'there is free space');
      copy.copy(forged, page + free);
      forged.writeUInt16BE(free, page + 8);
      const target = join(folder, `long-${i}.gpkg`);
      writeFileSync(target, forged);
      return target;
    });
    const { outcomes, mebibytes } = stageApart(paths, { zRange: [0, 9] });
    t.diagnostic(`${count(outcomes)}; ${Math.round(mebibytes)} MiB`);
    assert.deepEqual(
      outcomes.map(({ outcome }) => outcome),
      paths.map(() => 'input-corrupt'),
    );
    assert.ok(mebibytes < 600, `${mebibytes} MiB`);
  });

  test('odd files of others', (t) => {
    const nasty = sharedData('nasty');
    if (nasty === null) return t.skip(NO_SHARED_DATA);
    const paths = [
      ...globSync(join(nasty, 'gdal-autotest/data/gpkg/*.gpkg')),
      ...globSync(join(nasty, 'pyogrio/**/*.gpkg')),
      ...globSync(join(nasty, '**/*.shp')),
    ].sort();
    assert.ok(paths.length >= 60, `${paths.length} files`);
    for (const config of [{ zRange: [0, 2] }, { zRange: [0, 2], inputCrs: 'EPSG:4326' }]) {
      const { outcomes } = stageApart(paths, config);
      t.diagnostic(`of ${outcomes.length}: ${count(outcomes)}`);
    }
  });
});
