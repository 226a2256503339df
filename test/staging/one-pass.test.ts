/**
 * Tiles do not depend on what is built from memory and what goes to files first, whatever hints say and
 * however late it turns out what an input is like: they are those that come about when one input is staged
 * after the other.
 */

import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import type { Value } from '../../src/core/columns.ts';
import { Random } from '../../src/core/random.ts';
import { GeoPackageSource } from '../../src/formats/geopackage/source.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import type { RunResult } from '../../src/staging/phases/run-result.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import type { Bounds } from '../../src/tms/tile-matrix.ts';
import { rounds, seedOf } from '../soak/rounds.ts';
import { CountingExecutor } from './counting-executor.ts';
import { hashFolder, IN_ONE_TILE, polygonWkb, randomPolygons, temporaryFolder } from './support.ts';
import { writeGeoPackage } from './write-geopackage.ts';

const SUMMARY = 'staging_summary.csv';
/** Degrees of a tile at z 13 of WGS1984Quad. */
const TILE = 180 / 2 ** 13;
const COLUMNS = 6;

type Extents = (Bounds | null)[];
const honest = GeoPackageSource.prototype.extents;
/** What a format may say of where slices are. */
const LIES: Record<string, (extents: Extents, random: Random) => Extents> = {
  'the truth': (extents) => extents,
  nothing: (extents) => extents.map(() => null),
  'far away': (extents) => extents.map((box) => box && [box[0] + 90, box[1], box[2] + 90, box[3]]),
  'a point': (extents) => extents.map((box) => box && [box[0], box[1], box[0], box[1]]),
  'a part': (extents) =>
    extents.map(
      (box) => box && [box[0], box[1], (3 * box[0] + box[2]) / 4, (3 * box[1] + box[3]) / 4],
    ),
  everywhere: (extents) => extents.map(() => [-180, -90, 180, 90]),
  'those of others': (extents, random) =>
    extents.map(() => extents[random.integer(extents.length)]!),
  'no numbers': (extents) => extents.map(() => [Number.NaN, 0, Number.POSITIVE_INFINITY, -1]),
  anything: (extents, random) =>
    extents.map((box) => {
      const lies = ['nothing', 'far away', 'a point', 'a part', 'the truth'];
      return LIES[lies[random.integer(lies.length)]!]!([box], random)[0]!;
    }),
};

function lie(kind: string, random: Random): void {
  GeoPackageSource.prototype.extents = function (name, slices) {
    return LIES[kind]!(honest.call(this, name, slices), random);
  };
}

/** Values of each type that a column may declare. */
const VALUES: Record<string, (random: Random) => Value> = {
  INTEGER: (random) => random.integer(1000) - 500,
  REAL: (random) => random.next() * 10,
  TEXT: (random) => `t${random.integer(100)}`,
  BOOLEAN: (random) => random.integer(2),
  BLOB: (random) => Uint8Array.from({ length: random.integer(9) }, () => random.integer(256)),
};

interface Inputs {
  folder: string;
  /** In the order of their names. */
  paths: string[];
  damaged: number;
}

/** Inputs over the same few tiles, with odd values and damaged pages at their ends. */
function writeInputs(folder: string, random: Random, count: number): Inputs {
  const types = Object.keys(VALUES);
  const inputs: Inputs = { folder, paths: [], damaged: 0 };
  // Names are in another order than places.
  const names = Array.from({ length: count }, (_, i) => `${(i * 7 + 3) % 10}${i}.gpkg`).sort();
  for (const name of names) {
    const type = types[random.integer(types.length)]!;
    const last = types[random.integer(3)]!;
    const first = random.integer(COLUMNS - 1);
    const rows = Array.from({ length: 2 + random.integer(2) }, (_, k) => {
      const column = Math.min(COLUMNS - 1, first + k);
      const { minX, maxX, ...rest } = IN_ONE_TILE;
      const box = { minX: minX + column * TILE, maxX: maxX + (column + 0.3) * TILE, ...rest };
      return randomPolygons(random.integer(1e6), 60 + random.integer(100), box, 2e-4, 40);
    }).flat();
    const path = join(folder, name);
    writeGeoPackage(path, {
      layer: 'l',
      srsId: 4326,
      columns: [
        { name: 'n', type },
        { name: name.slice(1, 2), type: 'INTEGER' },
      ],
      rows: rows.map((ring, i) => {
        const isOdd = i >= rows.length - 2 && random.next() < 0.5;
        const value = VALUES[isOdd ? last : type]!(random);
        return { wkb: polygonWkb([ring]), values: [value, i] };
      }),
    });
    if (random.next() < 0.25) {
      inputs.damaged++;
      damageEnd(path);
    }
    inputs.paths.push(path);
  }
  return inputs;
}

/** Overwrites pages at the end, where the last rows are. */
function damageEnd(path: string): void {
  const { size } = statSync(path);
  const fd = openSync(path, 'r+');
  try {
    writeSync(fd, new Uint8Array(3 * 4096).fill(0xff), 0, 3 * 4096, size - 3 * 4096);
  } finally {
    closeSync(fd);
  }
}

const failed = ({ inputs }: Pick<RunResult, 'inputs'>): string[] =>
  inputs.flatMap(({ name, status }) => (status === 'failed' ? [name] : []));

describe('tiles that are built from memory', () => {
  afterEach(() => {
    GeoPackageSource.prototype.extents = honest;
  });

  test('are those of inputs that are staged one by one', async (t) => {
    const base = temporaryFolder(t);
    const sums: Record<string, number> = {};
    let damaged = 0;
    for (let round = 0; round < rounds(5, 40); round++) {
      const seed = seedOf(100 + round);
      const random = new Random(seed);
      const folder = join(base, `${round}`);
      const input = temporaryFolder(t);
      const { paths, ...inputs } = writeInputs(input, random, 3 + random.integer(4));
      damaged += inputs.damaged;
      const one = new TileStager({
        dirInput: input,
        dirStaged: join(folder, 'one'),
        executor: 'inline',
      });
      const bad: string[] = [];
      for (const path of paths) {
        const result = await one.stageAll({ inputs: [path] }).catch(() => null);
        if (result === null || failed(result).length > 0) bad.push(path.slice(input.length + 1));
      }
      const expected = hashFolder(join(folder, 'one'), { summary: SUMMARY });
      assert.ok(bad.length === paths.length || expected.size > 2);
      const lies = Object.keys(LIES);
      for (let k = 0; k < 5; k++) {
        const kind = lies[(5 * round + k) % lies.length]!;
        const sliceBytes = [9_000, 30_000, 60_000, 24e6][random.integer(4)]!;
        const config: ConfigInput = {
          ...{ dirInput: input, dirStaged: join(folder, `${k}`), sliceBytes },
          memory: k % 2 === 0 ? 1 : null,
        };
        const executor = k === 4 ? undefined : new CountingExecutor(k < 3);
        if (executor === undefined) Object.assign(config, { workers: 1 + random.integer(4) });
        lie(kind, random);
        // All of them, or first some and then all: tiles keep rows.
        const some = paths.filter(() => random.next() < 0.5);
        const stager = new TileStager(config);
        const options = executor === undefined ? {} : { executor };
        if (k % 3 === 1 && some.length > 0) {
          await stager.stageAll({ inputs: some, ...options }).catch(() => null);
        }
        const what = `seed ${seed}, ${JSON.stringify(config)}, hints: ${kind}`;
        const order = paths.toSorted(() => random.next() - 0.5);
        const result = await stager
          .stageAll({ inputs: order, ...options })
          .catch((error: Error) => assert.fail(`${what}: ${error.stack}`));
        assert.deepEqual(failed(result).sort(), bad, what);
        assert.deepEqual(hashFolder(config.dirStaged!, { summary: SUMMARY }), expected, what);
        for (const [name, n] of Object.entries(executor?.counts ?? {})) {
          sums[name] = (sums[name] ?? 0) + n;
        }
      }
      rmSync(folder, { recursive: true });
      rmSync(input, { recursive: true });
    }
    t.diagnostic(JSON.stringify({ damaged, ...sums }));
    for (const name of [
      'staging.stage',
      'staging.spill',
      'staging.group',
      'tiles built',
      'read back',
    ]) {
      assert.ok(sums[name]! > 0, name);
    }
    assert.ok(damaged > 0);
  });

  test('no slice is staged twice where rows were spilled and read back', async (t) => {
    const input = temporaryFolder(t);
    const config: ConfigInput = { dirInput: input, sliceBytes: 20_000, memory: 1 };
    const random = new Random(5);
    const box = { ...IN_ONE_TILE, maxX: IN_ONE_TILE.maxX + 3 * TILE };
    const rows = randomPolygons(6, 3000, box, 2e-4, 40).map((ring) => {
      return { wkb: polygonWkb([ring]), values: [random.integer(9)] };
    });
    const columns = [{ name: 'n', type: 'INTEGER' }];
    writeGeoPackage(join(input, 'a.gpkg'), { layer: 'l', srsId: 4326, columns, rows });
    const staged = async (memory: number | null) => {
      const executor = new CountingExecutor();
      const dirStaged = join(input, `staged ${memory}`);
      await new TileStager({ ...config, dirStaged, memory }).stageAll({
        ...{ inputs: [join(input, 'a.gpkg')], executor },
      });
      return { counts: executor.counts, hashes: hashFolder(dirStaged, { summary: SUMMARY }) };
    };
    const small = await staged(1);
    const large = await staged(100);
    assert.ok(small.counts['read back']! > 10);
    assert.equal(large.counts['staging.spill'], undefined);
    assert.equal(small.counts['staging.stage'], large.counts['staging.stage']);
    assert.deepEqual(small.hashes, large.hashes);
  });

  test('an input that has no room for its columns in a tile leaves those that are built', async (t) => {
    const input = temporaryFolder(t);
    const write = (name: string, letter: string, count: number): void => {
      const columns = Array.from({ length: count }, (_, i) => {
        return { name: `${letter}${i}`, type: 'INTEGER' };
      });
      const rows = randomPolygons(count, 20, IN_ONE_TILE, 2e-4).map((ring, i) => {
        return { wkb: polygonWkb([ring]), values: columns.map((_, k) => i + k) };
      });
      writeGeoPackage(join(input, name), { layer: 'l', srsId: 4326, columns, rows });
    };
    write('a.gpkg', 'a', 1000);
    write('b.gpkg', 'b', 1500);
    write('c.gpkg', 'c', 400);
    const hashes: Map<string, string>[] = [];
    for (const [k, kind] of ['the truth', 'far away', 'a point', 'nothing'].entries()) {
      lie(kind, new Random(1));
      for (const sliceBytes of [20_000, 24e6]) {
        const dirStaged = join(input, `staged ${k} ${sliceBytes}`);
        const stager = new TileStager({
          dirInput: input,
          dirStaged,
          executor: 'inline',
          sliceBytes,
        });
        const inputs = ['a.gpkg', 'b.gpkg', 'c.gpkg'].map((name) => join(input, name));
        assert.deepEqual(failed(await stager.stageAll({ inputs })), ['b.gpkg']);
        hashes.push(hashFolder(dirStaged, { summary: SUMMARY }));
      }
    }
    for (const one of hashes) assert.deepEqual(one, hashes[0]);
    assert.equal(hashes[0]!.size, 2);
  });
});
