import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openShapefile, parsePrj } from '../../../src/formats/shapefile/source.ts';
import { HAS_Z, MULTI } from '../../../src/geometry/batch.ts';
import {
  dbfBytes,
  fails,
  NULL_SHAPE,
  pointContent,
  polygonContent,
  type Ring,
  readFile,
  readSource,
  shapefileBytes,
  square,
  squares,
  withFiles,
} from './shapefile-fixture.ts';

test('a polygon with a hole, a multipolygon and their attributes', () => {
  const { shp, shx } = shapefileBytes(5, [
    polygonContent(5, [square(0, 0, 10), square(1, 1, 2, false)]),
    polygonContent(5, [square(20, 0, 1, false), square(30, 0, 5), square(20, -1, 3)]),
  ]);
  const dbf = dbfBytes(
    [
      { name: 'NAME', type: 'C', width: 8 },
      { name: 'AREA', type: 'N', width: 9, decimals: 2 },
    ],
    [
      ['lake', '96.00'],
      ['', ''],
    ],
  );
  const wkt = 'PROJCS["NSIDC Sea Ice",GEOGCS["WGS 84"]]';
  const files = { 'a b.SHP': shp, 'a b.SHX': shx, 'a b.Dbf': dbf, 'a b.PRJ': `\ufeff${wkt}\r\n` };
  withFiles(files, (path) => {
    const source = openShapefile(path('a b.SHP'));
    const [layer] = source.layers();
    assert.equal(layer!.name, 'a b');
    assert.equal(layer!.geometryType, 'Polygon');
    assert.equal(layer!.featureCount, 2);
    assert.deepEqual(layer!.crs, { definition: wkt, name: 'NSIDC Sea Ice' });
    assert.deepEqual(layer!.columns, [
      { name: 'NAME', type: 'text' },
      { name: 'AREA', type: 'real' },
    ]);
    const { features, dropped, notes } = readSource(source);
    assert.equal(dropped, 0);
    assert.deepEqual(notes, { rowsRead: 2, droppedM: 0 });
    assert.deepEqual(features, [
      {
        position: 1,
        flags: 0,
        polygons: [[square(0, 0, 10), square(1, 1, 2, false)]],
        z: [],
        values: ['lake', 96],
      },
      {
        position: 2,
        flags: MULTI,
        polygons: [[square(30, 0, 5)], [square(20, -1, 3), square(20, 0, 1, false)]],
        z: [],
        values: [null, null],
      },
    ]);
    assert.throws(
      () => source.slices('other', 1000),
      fails('input-layer', /no layer "other".*"a b"/),
    );
    source.close();
    source.close();
  });
});

test('every reason to drop a feature is counted with its record number', () => {
  const open = square(0, 0, 1).slice(0, 4);
  const infinite = square(0, 0, 1);
  infinite[2]![1] = Number.NaN;
  const good = polygonContent(5, [square(0, 0, 1)]);
  const forged = (at: number, value: number): Buffer => {
    const content = Buffer.from(good);
    content.writeInt32LE(value, at);
    return content;
  };
  const { shp, shx } = shapefileBytes(5, [
    good,
    NULL_SHAPE,
    pointContent(1, 2),
    polygonContent(5, [open]),
    polygonContent(5, [square(0, 0, 1), square(3, 3, 1).slice(2)]),
    polygonContent(5, [infinite]),
    polygonContent(5, []),
    good,
    forged(40, -(2 ** 31)),
    forged(40, 2 ** 31 - 1),
    forged(36, 2 ** 31 - 1),
    forged(40, 6),
    forged(44, 3),
    forged(0, 77),
    good.subarray(0, 30),
    // Type Z without the Z values that it needs.
    forged(0, 15),
    polygonContent(5, [square(0, 0, 1), [...open.slice(0, 2), open[0]!]]),
  ]);
  const rows = Array.from({ length: 17 }, (_, i) => [String(i + 1)]);
  const dbf = dbfBytes([{ name: 'ID', type: 'N', width: 4 }], rows, 0, [8]);
  withFiles({ 'd.shp': shp, 'd.shx': shx, 'd.dbf': dbf }, (path) => {
    const { features, drops, notes } = readFile(path('d.shp'));
    assert.equal(notes.rowsRead, 17);
    assert.deepEqual(
      features.map(({ position, values }) => [position, values[0]]),
      [[1, 1]],
    );
    assert.deepEqual(drops, {
      'deleted row': { count: 1, positions: [8] },
      'empty geometry': { count: 1, positions: [7] },
      'malformed geometry': { count: 8, positions: [9, 10, 11, 12, 13] },
      'non-finite coordinate': { count: 1, positions: [6] },
      'not a polygon': { count: 1, positions: [3] },
      'null geometry': { count: 1, positions: [2] },
      'too few points': { count: 1, positions: [17] },
      'unclosed ring': { count: 2, positions: [4, 5] },
    });
  });
});

test('Z is kept and follows its rings; M is dropped and counted if it holds values', () => {
  const shell = square(0, 0, 10);
  const hole = square(1, 1, 2, false);
  const rings = [square(50, 50, 1), hole, shell];
  const z = Array.from({ length: 15 }, (_, i) => i);
  const noData = z.map(() => -2e38);
  const { shp } = shapefileBytes(15, [
    polygonContent(15, rings, z),
    polygonContent(15, rings, z, noData),
    polygonContent(15, rings, z, [...noData.slice(1), 7]),
    polygonContent(15, [shell], z.slice(0, 5)),
  ]);
  withFiles({ 'z.shp': shp }, (path) => {
    const { features, notes } = readFile(path('z.shp'));
    assert.deepEqual(notes, { rowsRead: 4, droppedM: 1 });
    for (const feature of features.slice(0, 3)) {
      assert.equal(feature.flags, MULTI | HAS_Z);
      assert.deepEqual(feature.polygons, [[square(50, 50, 1)], [shell, hole]]);
      assert.deepEqual(feature.z, [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 5, 6, 7, 8, 9]);
    }
    assert.equal(features[3]!.flags, HAS_Z);
    assert.deepEqual(features[3]!.z, [0, 1, 2, 3, 4]);
  });
  const measured = shapefileBytes(25, [
    polygonContent(25, [shell], undefined, [1, 2, 3, 4, 1]),
    polygonContent(25, [shell]),
  ]);
  withFiles({ 'm.shp': measured.shp, 'm.shx': measured.shx }, (path) => {
    const { features, notes } = readFile(path('m.shp'));
    assert.deepEqual(notes, { rowsRead: 2, droppedM: 1 });
    for (const feature of features) {
      assert.equal(feature.flags, 0);
      assert.deepEqual(feature.polygons, [[shell]]);
    }
  });
});

test('slices are where the boxes of their records are, of a .shx or of a walk', () => {
  const contents = Array.from({ length: 3000 }, (_, i) => {
    if (i % 5 === 1) return NULL_SHAPE;
    return i % 5 === 2 ? pointContent(1e6, 1e6) : polygonContent(5, [square(i, 0, 1)]);
  });
  const { shp, shx } = shapefileBytes(5, contents);
  withFiles({ 's.shp': shp, 's.shx': shx, 'n.shp': shp }, (path) => {
    for (const name of ['s', 'n']) {
      const source = openShapefile(path(`${name}.shp`));
      const slices = source.slices(name, shp.length / 4);
      for (const [i, extent] of source.extents(name, slices).entries()) {
        const { start, end } = slices[i]!;
        const [minX, minY, maxX, maxY] = extent!;
        // A walk knows where each 64th record is.
        const near = (name === 's' ? 0.15 : 0.6) * (end - start);
        assert.ok(Math.abs(minX - start) < near && Math.abs(maxX - end) < near, `${extent}`);
        assert.ok(minY <= 0 && minY >= -2 && maxY >= 1 && maxY <= 3);
      }
      assert.deepEqual(source.extents(name, [{ start: 3001, end: 4000 }]), [null]);
      source.close();
    }
  });
});

test('batches end at the limits; slices cover all records in equal shares of bytes', () => {
  const { shp, shx, dbf } = squares();
  withFiles({ 's.shp': shp, 's.shx': shx, 's.dbf': dbf, 'n.shp': shp, 'n.dbf': dbf }, (path) => {
    const whole = readFile(path('s.shp'));
    assert.equal(whole.features.length, 300);
    for (const name of ['s', 'n']) {
      const source = openShapefile(path(`${name}.shp`));
      const byCount = readSource(source, undefined, 70);
      assert.deepEqual(byCount.batches, [70, 70, 70, 70, 20]);
      assert.deepEqual(byCount.features, whole.features);
      // 5 and 10 vertices in turn: the limit of 100 is passed by the 14th feature.
      const byVertices = readSource(source, undefined, 1000, 100);
      assert.equal(byVertices.batches[0], 14);
      assert.deepEqual(byVertices.features, whole.features);

      const slices = source.slices(name, 6000);
      assert.equal(slices.length, Math.ceil(source.layers()[0]!.bytes / 6000));
      assert.equal(slices[0]!.start, 1);
      assert.equal(slices.at(-1)!.end, 301);
      const sliced = slices.flatMap((slice, i) => {
        if (i > 0) assert.equal(slice.start, slices[i - 1]!.end);
        assert.ok(Math.abs(slice.end - slice.start - 300 / slices.length) < 3);
        return readSource(source, slice).features;
      });
      assert.deepEqual(sliced, whole.features);
      // Backwards, as workers may come.
      const last = readSource(source, slices.at(-1)!).features;
      assert.deepEqual(last.at(-1), whole.features.at(-1));
      assert.deepEqual(readSource(source, { start: 1, end: 2 }).features, [whole.features[0]]);
      const finest = source.slices(name, 1);
      assert.ok(finest.length > 200);
      for (const { start, end } of finest) assert.ok(end - start >= 1 && end - start <= 3);
      source.close();
    }
  });
});

test('records larger than a block, with true and with forged counts', () => {
  const ring: Ring = [];
  for (let i = 0; i < 150_000; i++) {
    const angle = (-2 * Math.PI * i) / 150_000;
    ring.push([Math.cos(angle), Math.sin(angle)]);
  }
  ring.push([...ring[0]!]);
  const big = polygonContent(5, [ring, square(3, 3, 1)]);
  const forged = Buffer.from(big);
  forged.writeInt32LE(2 ** 31 - 1, 40);
  const small = polygonContent(5, [square(0, 0, 1)]);
  const { shp, shx } = shapefileBytes(5, [small, big, forged, small]);
  withFiles({ 'b.shp': shp, 'b.shx': shx, 'n.shp': shp }, (path) => {
    for (const name of ['b.shp', 'n.shp']) {
      const { features, drops } = readFile(path(name));
      assert.deepEqual(
        features.map((feature) => feature.position),
        [1, 2, 4],
      );
      assert.deepEqual(features[1]!.polygons, [[ring], [square(3, 3, 1)]]);
      assert.deepEqual(drops, { 'malformed geometry': { count: 1, positions: [3] } });
    }
  });
});

test('a .shx that contradicts the main file is not used', () => {
  const { shp, shx, dbf } = squares();
  const outside = Buffer.from(shx);
  outside.writeInt32BE(2 ** 30, 100 + 8 * 150);
  const stale = Buffer.from(shx.subarray(0, shx.length - 80));
  stale.writeInt32BE(stale.length / 2, 24);
  const files: Record<string, Buffer> = {
    'cut.shx': shx.subarray(0, 1000),
    'outside.shx': outside,
    'stale.shx': stale,
    'empty.shx': Buffer.alloc(0),
    'other.shx': Buffer.alloc(2500, 1),
  };
  const names = Object.keys(files).map((name) => name.slice(0, -4));
  for (const name of names) Object.assign(files, { [`${name}.shp`]: shp, [`${name}.dbf`]: dbf });
  withFiles({ ...files, 's.shp': shp, 's.shx': shx, 's.dbf': dbf }, (path) => {
    const whole = readFile(path('s.shp'));
    for (const name of names) assert.deepEqual(readFile(path(`${name}.shp`)), whole, name);
  });
});

test('records in another order than that of the .shx, and unused space between them', () => {
  const contents = [0, 1, 2].map((i) => polygonContent(5, [square(i, i, 1)]));
  const { shp, shx } = shapefileBytes(5, [
    contents[2]!,
    Buffer.alloc(60, 7),
    contents[0]!,
    contents[1]!,
  ]);
  const entries = [2, 3, 0].map((i) => shx.subarray(100 + 8 * i, 108 + 8 * i));
  const reordered = Buffer.concat([shx.subarray(0, 100), ...entries]);
  reordered.writeInt32BE(reordered.length / 2, 24);
  withFiles({ 'o.shp': shp, 'o.shx': reordered }, (path) => {
    const { features } = readFile(path('o.shp'));
    assert.deepEqual(
      features.map(({ position, polygons }) => [position, polygons]),
      [0, 1, 2].map((i) => [i + 1, [[square(i, i, 1)]]]),
    );
  });
});

test('fewer rows than shapes: the rest has NULLs; without a .dbf there are no columns', () => {
  const contents = [polygonContent(5, [square(0, 0, 1)]), polygonContent(5, [square(1, 1, 1)])];
  const { shp, shx } = shapefileBytes(5, contents);
  const dbf = dbfBytes([{ name: 'A', type: 'C', width: 3 }], [['x']]);
  withFiles({ 'f.shp': shp, 'f.shx': shx, 'f.dbf': dbf, 'g.shp': shp }, (path) => {
    assert.deepEqual(
      readFile(path('f.shp')).features.map((feature) => feature.values),
      [['x'], [null]],
    );
    assert.deepEqual(
      readFile(path('g.shp')).features.map((feature) => feature.values),
      [[], []],
    );
  });
});

test('more rows than shapes: the rest are features without geometry', () => {
  const { shp, shx } = shapefileBytes(5, [polygonContent(5, [square(0, 0, 1)])]);
  const field = { name: 'A', type: 'C', width: 3 };
  const dbf = dbfBytes([field], [['x'], ['y'], ['z'], ['w']], 0, [3]);
  withFiles({ 'f.shp': shp, 'f.shx': shx, 'f.dbf': dbf, 'g.shp': shp, 'g.dbf': dbf }, (path) => {
    for (const name of ['f.shp', 'g.shp']) {
      const { features, drops, notes } = readFile(path(name));
      assert.deepEqual(
        features.map(({ values }) => values),
        [['x']],
      );
      assert.deepEqual(drops, {
        'deleted row': { count: 1, positions: [3] },
        'null geometry': { count: 2, positions: [2, 4] },
      });
      assert.equal(notes.rowsRead, 4);
    }
  });
});

test('parsePrj', () => {
  assert.equal(parsePrj(null), null);
  assert.equal(parsePrj('\ufeff \r\n\0'), null);
  assert.deepEqual(parsePrj('GEOGCS [ "GCS, \'x\'", DATUM["D"]]'), {
    definition: 'GEOGCS [ "GCS, \'x\'", DATUM["D"]]',
    name: "GCS, 'x'",
  });
  assert.deepEqual(parsePrj('+proj=longlat'), { definition: '+proj=longlat' });
});
