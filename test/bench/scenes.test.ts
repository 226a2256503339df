import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import {
  BYTES_PER_FEATURE,
  CELL_AREA,
  planScenes,
  type SceneOptions,
  writeScene,
  writeScenes,
} from '../../bench/scenes.ts';

const folder = mkdtempSync(join(tmpdir(), 'tilewright-scenes-'));
after(() => rmSync(folder, { recursive: true }));

const NAME = 'WV02_20190703_17FB568840_u16rf3413_pansh';
const golden = join(import.meta.dirname, '../../../shared/data/golden/tiny', `${NAME}.gpkg`);
const OPTIONS: SceneOptions = {
  seed: 1,
  polygons: 20_000,
  originX: -2_049_035,
  originY: 665_768,
  width: 3_600,
  height: 3_600,
};

interface Row {
  fid: number;
  geom: Uint8Array;
  Class: number;
  Sensor: string;
  Date: string;
  Image: string;
  Length: number;
}

function readRows(path: string): Row[] {
  const database = new DatabaseSync(path, { readOnly: true });
  const { table_name } = database.prepare('SELECT table_name FROM gpkg_contents').get() as {
    table_name: string;
  };
  const rows = database.prepare(`SELECT * FROM "${table_name}"`).all() as unknown as Row[];
  database.close();
  return rows;
}

/** [x, y] of the one ring, after checking every byte before the coordinates. */
function decode({ geom }: Row): [number, number][] {
  const view = new DataView(geom.buffer, geom.byteOffset, geom.byteLength);
  assert.equal(view.getUint16(0), 0x4750);
  assert.deepEqual([view.getUint8(2), view.getUint8(3)], [0, 3]);
  assert.equal(view.getInt32(4, true), 3413);
  assert.equal(view.getUint8(40), 1);
  assert.deepEqual([view.getUint32(41, true), view.getUint32(45, true)], [3, 1]);
  const count = view.getUint32(49, true);
  assert.equal(geom.byteLength, 53 + 16 * count);
  const ring = Array.from({ length: count }, (_, i): [number, number] => [
    view.getFloat64(53 + 16 * i, true),
    view.getFloat64(61 + 16 * i, true),
  ]);
  const xs = ring.map(([x]) => x);
  const ys = ring.map(([, y]) => y);
  const envelope = [8, 16, 24, 32].map((at) => view.getFloat64(at, true));
  assert.deepEqual(envelope, [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)]);
  return ring;
}

type Point = [number, number];
const side = (a: Point, b: Point, c: Point): number =>
  Math.sign((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]));

function crossesItself(ring: Point[]): boolean {
  const edges = ring.length - 1;
  for (let i = 0; i < edges; i++) {
    for (let j = i + 2; j < edges; j++) {
      if (i === 0 && j === edges - 1) continue;
      const [a, b, c, d] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!];
      if (side(a, b, c) * side(a, b, d) <= 0 && side(c, d, a) * side(c, d, b) <= 0) return true;
    }
  }
  return false;
}

const digest = (path: string): string =>
  createHash('sha256').update(readFileSync(path)).digest('hex');

test('the same options make the same bytes, another seed others', () => {
  const small = { ...OPTIONS, polygons: 500, width: 600, height: 600 };
  const path = join(folder, `${NAME}.gpkg`);
  const digests = [small, small, { ...small, seed: 2 }].map((options) => {
    writeScene(path, options);
    return digest(path);
  });
  assert.equal(digests[0], digests[1]);
  assert.notEqual(digests[0], digests[2]);
  assert.deepEqual(readdirSync(folder), [`${NAME}.gpkg`]);
});

test('a scene is like a real one in size, and its polygons are valid', () => {
  const path = join(folder, `${NAME}.gpkg`);
  const scene = writeScene(path, OPTIONS);
  const rows = readRows(path);
  assert.equal(rows.length, OPTIONS.polygons);
  assert.deepEqual(rows[0] && { ...rows[0], geom: 0, Image: 0, Length: 0 }, {
    fid: 1,
    geom: 0,
    Class: 1,
    Sensor: 'WV02',
    Date: '2019-07-03',
    Image: 0,
    Length: 0,
  });
  assert.ok(rows.every((row) => row.Class === 1 || row.Class === 2));

  const rings = rows.map(decode);
  const vertices = rings.reduce((sum, ring) => sum + ring.length, 0);
  assert.equal(vertices, scene.vertices);
  assert.ok(Math.abs(vertices / rows.length - 31) < 0.5, `${vertices / rows.length} vertices`);
  assert.equal(scene.bytes, statSync(path).size);
  const bytes = scene.bytes / rows.length;
  assert.ok(Math.abs(bytes / BYTES_PER_FEATURE - 1) < 0.02, `${bytes} bytes a feature`);

  for (const [i, ring] of rings.entries()) {
    assert.ok(ring.length >= 4);
    assert.deepEqual(ring[0], ring.at(-1));
    const xs = ring.map(([x]) => x);
    const diameter = Math.max(...xs) - Math.min(...xs);
    assert.ok(diameter > 9 && diameter < 30, `polygon ${i + 1} is ${diameter} m wide`);
  }
  let area = 0;
  for (const ring of rings.slice(0, 2000)) {
    assert.equal(crossesItself(ring), false);
    for (let k = 1; k < ring.length; k++) {
      area += (ring[k - 1]![0] * ring[k]![1] - ring[k]![0] * ring[k - 1]![1]) / 2;
    }
  }
  assert.ok(area > 0, 'shells are counter-clockwise');
});

test('looks like the scenes of the golden runs', { skip: skipWithout(golden) }, () => {
  const path = join(folder, `${NAME}.gpkg`);
  writeScene(path, { ...OPTIONS, polygons: 2000, width: 8000, height: 8000 });
  const columns = (file: string): unknown => {
    const database = new DatabaseSync(file, { readOnly: true });
    const rows = database.prepare(`SELECT name, type, pk FROM pragma_table_info('${NAME}')`).all();
    database.close();
    return rows.map((row) => ({ ...row, type: String(row['type']).replace(/\(.*/, '') }));
  };
  assert.deepEqual(columns(path), columns(golden));
  const mean = (file: string, of: (row: Row) => number): number => {
    const rows = readRows(file);
    return rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  };
  const close = (of: (row: Row) => number): void => {
    assert.ok(Math.abs(mean(path, of) / mean(golden, of) - 1) < 0.1);
  };
  close((row) => row.geom.length);
  close((row) => row.Length);
});

test('scenes that overlap show the same ground', () => {
  const scenes = writeScenes(join(folder, 'grid'), { seed: 3, count: 4, polygonsEach: 1500 });
  assert.equal(scenes.length, 4);
  assert.deepEqual(
    scenes.map((scene) => scene.polygons),
    [1500, 1500, 1500, 1500],
  );
  const centres = scenes.map(({ path }) =>
    readRows(path).map((row): Point => {
      const ring = decode(row).slice(1);
      const mean = (axis: 0 | 1): number =>
        ring.reduce((sum, point) => sum + point[axis], 0) / ring.length;
      return [mean(0), mean(1)];
    }),
  );
  let near = 0;
  for (const [x, y] of centres[0]!) {
    if (centres[1]!.some(([u, v]) => Math.hypot(x - u, y - v) < 3)) near++;
  }
  // A tenth of each scene, and the margin that small scenes get.
  assert.ok(near > 0.08 * 1500 && near < 0.2 * 1500, `${near} polygons are in both`);
});

test("the plan of the users' job: 35 files, 6 GB, 20 to 500 MB", () => {
  const options = { seed: 5, count: 35, totalBytes: 6e9, minBytes: 20e6, maxBytes: 500e6 };
  const plan = planScenes(options);
  assert.deepEqual(plan, planScenes(options));
  assert.equal(new Set(plan.map((scene) => scene.name)).size, 35);
  const sizes = plan.map((scene) => scene.polygons * BYTES_PER_FEATURE);
  assert.ok(Math.min(...sizes) > 19.9e6 && Math.max(...sizes) < 500.1e6);
  assert.ok(Math.abs(sizes.reduce((sum, size) => sum + size, 0) / 6e9 - 1) < 1e-3);
  const area = plan.reduce((sum, scene) => sum + scene.width * scene.height, 0);
  const polygons = plan.reduce((sum, scene) => sum + scene.polygons, 0);
  assert.ok(Math.abs(area / polygons / CELL_AREA - 1) < 0.05);
  // 2,200 tiles of 0.82 km × 2.45 km: what is left of the scenes' area without their overlaps.
  const covered = area * 0.9 * 0.9;
  assert.ok(covered / (824 * 2448) > 1900 && covered / (824 * 2448) < 2200);
});

test('refuses more polygons than the ground has cells', () => {
  const path = join(folder, 'full.gpkg');
  assert.throws(() => writeScene(path, { ...OPTIONS, cellArea: 1000 }), {
    code: 'usage',
    message: /hold \d+ cells of 1000 m², not 20000/,
  });
  assert.equal(existsSync(path), false);
  assert.throws(() => planScenes({ seed: 1, count: 2 }), { code: 'usage' });
  assert.throws(
    () => planScenes({ seed: 1, count: 2, totalBytes: 100, minBytes: 60, maxBytes: 80 }),
    { code: 'usage' },
  );
});

const hasGdal = spawnSync('ogrinfo', ['--version']).status === 0;

test('GDAL agrees', { skip: hasGdal ? false : 'ogrinfo is not installed' }, () => {
  const path = join(folder, `${NAME}.gpkg`);
  writeScene(path, { ...OPTIONS, polygons: 3000, width: 1400, height: 1400 });
  const summary = spawnSync('ogrinfo', ['-so', '-al', path], { encoding: 'utf8' });
  assert.equal(summary.status, 0, summary.stderr);
  assert.equal(summary.stderr, '');
  assert.match(summary.stdout, /Geometry: Polygon\nFeature Count: 3000\n/);
  assert.match(summary.stdout, /ID\["EPSG",3413\]\]/);
  const valid = spawnSync(
    'ogrinfo',
    [
      '-q',
      '-dialect',
      'sqlite',
      '-sql',
      `SELECT sum(ST_IsValid(geom)) AS valid FROM "${NAME}"`,
      path,
    ],
    { encoding: 'utf8' },
  );
  assert.match(valid.stdout, /valid \(Integer\) = 3000/);
});

function skipWithout(path: string): string | false {
  return existsSync(path) ? false : `${path} is not there`;
}
