import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import type { TilewrightError } from '../../../src/core/errors.ts';
import { resolveCrs } from '../../../src/crs/resolve.ts';
import { createTransform } from '../../../src/crs/transform.ts';
import { FootprintFile } from '../../../src/overlap/footprints/footprint-file.ts';
import { multiPolygonWkb, temporaryFolder } from '../support.ts';
import { writeGeoPackage } from '../write-geopackage.ts';
import { box, judgeOf, stagedInput, verdictOn, writeFootprint } from './fixture.ts';

const DEGREES = { srsId: 4326 };
const OUTSIDE = 'outside its footprint';
const OVERLAP = 'overlap of footprints';
const STAYS = 'stays';
const A = stagedInput('a.gpkg', 'EPSG:4326');
const B = stagedInput('b.gpkg', 'EPSG:4326');
const C = stagedInput('c.gpkg', 'EPSG:4326');

/** A temporary folder with a folder `footprints`. */
function place(t: Parameters<typeof temporaryFolder>[0]): { folder: string; footprints: string } {
  const folder = temporaryFolder(t);
  const footprints = join(folder, 'footprints');
  mkdirSync(footprints);
  return { folder, footprints };
}

function hasCode(code: string, ...words: RegExp[]): (error: TilewrightError) => boolean {
  return (error) => {
    assert.equal(error.code, code, error.message);
    for (const word of words) assert.match(error.message, word);
    return true;
  };
}

suite('clip to footprints', () => {
  test('of several parts, with holes: they are one, and the seam between two is no edge', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(
      footprints,
      'a.gpkg',
      [
        { parts: [[box(0, 0, 10, 10), box(2, 2, 4, 4)]] },
        { parts: [[box(10, 0, 20, 10)], [box(15, 5, 25, 15)]] },
      ],
      DEGREES,
    );
    const cases = [
      { at: box(2.5, 2.5, 3.5, 3.5), intersects: false, within: false },
      { at: box(2, 2, 4, 4), intersects: true, within: false },
      { at: box(1, 1, 5, 5), intersects: true, within: false },
      { at: box(9, 1, 11, 2), intersects: true, within: true },
      { at: box(14, 4, 16, 6), intersects: true, within: true },
      { at: box(25, 15, 26, 16), intersects: true, within: false },
      { at: box(0, 0, 10, 1), intersects: true, within: true },
      { at: box(26, 0, 27, 1), intersects: false, within: false },
      { at: box(-1, -1, 30, 30), intersects: true, within: false },
    ];
    for (const clip of ['intersects', 'within'] as const) {
      const { judge } = await judgeOf([A], folder, { overlaps: false, clip });
      for (const { at, ...expected } of cases) {
        const verdict = verdictOn(judge, 'a.gpkg', [[at]]);
        assert.equal(verdict, expected[clip] ? STAYS : OUTSIDE, `${clip} ${at}`);
      }
    }
  });

  test('by every predicate: which features stay', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[box(0, 0, 10, 10)]] }], DEGREES);
    const features = {
      inside: box(1, 1, 2, 2),
      same: box(0, 0, 10, 10),
      larger: box(-1, -1, 11, 11),
      over: box(9, 9, 11, 11),
      beside: box(10, 0, 11, 1),
      away: box(12, 12, 13, 13),
    };
    const stay = {
      intersects: ['inside', 'same', 'larger', 'over', 'beside'],
      within: ['inside', 'same'],
      contains: ['same', 'larger'],
      covers: ['same', 'larger'],
      overlaps: ['over'],
      crosses: [],
      touches: ['beside'],
    };
    for (const [clip, expected] of Object.entries(stay)) {
      const { judge } = await judgeOf([A], folder, { clip: clip as 'within' });
      const found = Object.entries(features)
        .filter(([, ring]) => verdictOn(judge, 'a.gpkg', [[ring]]) === STAYS)
        .map(([name]) => name);
      assert.deepEqual(found, expected, clip);
    }
  });

  test('an invalid one counts even–odd, so that where it lies on itself is outside', async (t) => {
    const { folder, footprints } = place(t);
    const bowTie: [number, number][] = [
      [0, 0],
      [10, 10],
      [10, 0],
      [0, 10],
      [0, 0],
    ];
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[bowTie]] }], DEGREES);
    const { judge, warnings } = await judgeOf([A], folder, { overlaps: false, clip: 'within' });
    assert.match(warnings.join(), /a\.gpkg \(self-crossing\)/);
    const verdict = (ring: [number, number][]): string => verdictOn(judge, 'a.gpkg', [[ring]]);
    assert.equal(verdict(box(1, 4.5, 2, 5.5)), STAYS);
    assert.equal(verdict(box(8, 4.5, 9, 5.5)), STAYS);
    assert.equal(verdict(box(4.5, 1, 5.5, 2)), OUTSIDE);
    assert.equal(verdict(box(4.5, 4.5, 5.5, 5.5)), OUTSIDE);
  });

  test('across the antimeridian, and drawn past it', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[box(170, 60, 190, 70)]] }], DEGREES);
    const corners = Float64Array.of(170, 60, 190, 60, 190, 70, 170, 70, 170, 60);
    const polar = resolveCrs({ authority: 'EPSG', code: '3413' });
    createTransform(resolveCrs({ authority: 'EPSG', code: '4326' }), polar).apply(corners, 0, 5);
    const ring = [0, 1, 2, 3, 4].map((k): [number, number] => [
      corners[2 * k]!,
      corners[2 * k + 1]!,
    ]);
    writeFootprint(footprints, 'b.gpkg', [{ parts: [[ring]] }]);
    const inputs = [A, stagedInput('b.gpkg')];
    const { judge } = await judgeOf(inputs, folder, { overlaps: false, clip: 'within' });
    for (const name of ['a.gpkg', 'b.gpkg']) {
      assert.equal(verdictOn(judge, name, [[box(175, 64, 176, 65)]]), STAYS, name);
      assert.equal(verdictOn(judge, name, [[box(-176, 64, -175, 65)]]), STAYS, name);
      assert.equal(verdictOn(judge, name, [[box(0, 64, 1, 65)]]), OUTSIDE, name);
      assert.equal(verdictOn(judge, name, [[box(-165, 64, -164, 65)]]), OUTSIDE, name);
    }
  });

  test('edges are straight in the CRS of the input: nearer than 1e-4 m in that of the tiles', async (t) => {
    const { folder, footprints } = place(t);
    const ring = box(-2_150_000, -100_000, -2_050_000, 0);
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[ring]] }]);
    const { data } = await judgeOf([stagedInput('a.gpkg')], folder, {
      overlaps: false,
      clip: 'within',
    });
    const file = new FootprintFile(data.path);
    const { xy, vertexCount } = file.shape(file.index.inputs[0]![1]!.clip);
    assert.ok(vertexCount > 1000 && vertexCount < 100_000, `${vertexCount} vertices`);
    // Points of the sides, which have to lie on edges.
    const target = resolveCrs({ authority: 'EPSG', code: '4326' });
    const project = createTransform(resolveCrs({ authority: 'EPSG', code: '3413' }), target);
    const points = new Float64Array(1600);
    for (let k = 0; k < 800; k++) {
      const side = Math.floor(k / 200);
      const s = (k % 200) / 200;
      const [from, to] = [ring[side]!, ring[side + 1]!];
      points[2 * k] = from[0] + s * (to[0] - from[0]);
      points[2 * k + 1] = from[1] + s * (to[1] - from[1]);
    }
    project.apply(points, 0, 800);
    let most = 0;
    for (let k = 0; k < 800; k++) {
      let near = Infinity;
      for (let v = 0; v < vertexCount - 1; v++) {
        near = Math.min(near, distanceTo(points[2 * k]!, points[2 * k + 1]!, xy, v));
      }
      most = Math.max(most, near);
    }
    assert.ok(most * target.metersPerUnit < 1e-4, `${most * target.metersPerUnit} m`);
  });

  test('where the CRSs are the same nothing is added', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[box(0, 0, 10, 10)]] }], DEGREES);
    const { data, warnings } = await judgeOf([A], folder, { clip: 'within' });
    assert.deepEqual(warnings, []);
    const file = new FootprintFile(data.path);
    const batch = file.shape(file.index.inputs[0]![1]!.clip);
    assert.deepEqual([...batch.xy], box(0, 0, 10, 10).flat());
  });

  test('needs the CRS of the input, which earlier versions did not note', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[box(0, 0, 10, 10)]] }], DEGREES);
    const { crs: _, ...old } = A;
    const inputs = [{ ...old, crs: undefined as unknown as string }];
    await assert.rejects(
      judgeOf(inputs, folder, { clip: 'within' }),
      hasCode('staged-folder', /--force/),
    );
    const { judge } = await judgeOf(inputs, folder, { clip: null });
    assert.equal(verdictOn(judge, 'a.gpkg', [[box(20, 20, 21, 21)]]), STAYS);
  });
});

/** Of the point from the edge at vertex v, in degrees of latitude. */
function distanceTo(x: number, y: number, xy: Float64Array, v: number): number {
  const closer = Math.cos((y * Math.PI) / 180);
  const ax = xy[2 * v]!;
  const ay = xy[2 * v + 1]!;
  const dx = xy[2 * v + 2]! - ax;
  const dy = xy[2 * v + 3]! - ay;
  const t = Math.max(
    0,
    Math.min(1, ((x - ax) * dx * closer ** 2 + (y - ay) * dy) / (dx ** 2 * closer ** 2 + dy ** 2)),
  );
  return Math.hypot((x - ax - t * dx) * closer, y - ay - t * dy);
}

suite('overlaps of footprints', () => {
  const DATE = [{ name: 'Date', type: 'TEXT' }];
  const RULES = [{ column: 'Date', keep: 'larger' as const }];

  function writeDated(footprints: string, name: string, x: number, date: string | null): void {
    const rows = [{ parts: [[box(x, 0, x + 10, 10)]], values: [date] }];
    writeFootprint(footprints, name, rows, { ...DEGREES, columns: DATE });
  }

  test('what touches the overlap with a better one goes; null loses, then the name decides', async (t) => {
    const { folder, footprints } = place(t);
    writeDated(footprints, 'a.gpkg', 0, null);
    writeDated(footprints, 'b.gpkg', 8, '2020-01-01');
    writeDated(footprints, 'c.gpkg', 16, '2020-01-01');
    const { judge } = await judgeOf([A, B, C], folder, { keepRules: RULES });
    const verdict = (input: string, x: number): string =>
      verdictOn(judge, input, [[box(x, 4, x + 1, 5)]]);
    assert.equal(verdict('a.gpkg', 8.5), OVERLAP);
    assert.equal(verdict('a.gpkg', 7), OVERLAP, 'touches the edge at 8');
    assert.equal(verdict('a.gpkg', 6.9), STAYS);
    assert.equal(verdict('a.gpkg', 10), OVERLAP, 'touches the own edge at 10, within b');
    assert.equal(verdict('a.gpkg', 11), STAYS, 'beyond the own footprint');
    assert.equal(verdict('b.gpkg', 8.5), STAYS);
    assert.equal(verdict('b.gpkg', 16.5), STAYS);
    assert.equal(verdict('c.gpkg', 16.5), OVERLAP, 'even, so the name decides');
    const smaller = await judgeOf([A, B, C], folder, {
      keepRules: [{ column: 'Date', keep: 'smaller' }],
    });
    assert.equal(verdictOn(smaller.judge, 'a.gpkg', [[box(9, 1, 10, 2)]]), OVERLAP);
  });

  test('clip comes first', async (t) => {
    const { folder, footprints } = place(t);
    writeDated(footprints, 'a.gpkg', 0, '2019');
    writeDated(footprints, 'b.gpkg', 8, '2020');
    const { judge } = await judgeOf([A, B], folder, { keepRules: RULES, clip: 'within' });
    assert.equal(verdictOn(judge, 'a.gpkg', [[box(9, 1, 11, 2)]]), OUTSIDE);
    assert.equal(verdictOn(judge, 'a.gpkg', [[box(9, 1, 10, 2)]]), OVERLAP);
  });

  test('layers of one file have one footprint, and are not compared', async (t) => {
    const { folder, footprints } = place(t);
    writeDated(footprints, 'a.gpkg', 0, '2020');
    const inputs = [stagedInput('a.gpkg#x', 'EPSG:4326'), stagedInput('a.gpkg#y', 'EPSG:4326')];
    const { judge } = await judgeOf(inputs, folder, { keepRules: RULES });
    for (const { name } of inputs) {
      assert.equal(verdictOn(judge, name, [[box(1, 1, 2, 2)]]), STAYS);
    }
  });

  test('keys change with what verdicts depend on, and with nothing else', async (t) => {
    const { folder, footprints } = place(t);
    writeDated(footprints, 'a.gpkg', 0, '2019');
    writeDated(footprints, 'b.gpkg', 8, '2020');
    writeDated(footprints, 'c.gpkg', 40, '2021');
    const options = { keepRules: RULES };
    const first = await judgeOf([A, B, C], folder, options);
    const again = await judgeOf([C, A, B], folder, options);
    assert.deepEqual([...again.keys].sort(), [...first.keys].sort());
    assert.equal(again.data.key, first.data.key);
    writeDated(footprints, 'b.gpkg', 7, '2020');
    const moved = await judgeOf([A, B, C], folder, options);
    const changed = ['a.gpkg', 'b.gpkg', 'c.gpkg'].filter(
      (name) => moved.keys.get(name) !== first.keys.get(name),
    );
    assert.deepEqual(changed, ['a.gpkg', 'b.gpkg']);
    assert.notEqual(moved.data.key, first.data.key);
  });

  test('features with different values are refused, and so is text beside numbers', async (t) => {
    const { folder, footprints } = place(t);
    const rows = ['2019', '2020'].map((date, k) => {
      return { parts: [[box(k, 0, k + 1, 1)]], values: [date] };
    });
    writeFootprint(footprints, 'a.gpkg', rows, { ...DEGREES, columns: DATE });
    writeDated(footprints, 'b.gpkg', 8, '2020');
    const made = judgeOf([A, B], folder, { keepRules: RULES });
    await assert.rejects(made, hasCode('footprint-unusable', /a\.gpkg/, /Date.*2019 and 2020/));
    // Without a rule that asks for it, it doesn't matter.
    await judgeOf([A, B], folder, {});
    const number = [{ parts: [[box(0, 0, 1, 1)]], values: [7] }];
    const columns = [{ name: 'Date', type: 'INTEGER' }];
    writeFootprint(footprints, 'a.gpkg', number, { ...DEGREES, columns });
    const mixed = judgeOf([A, B], folder, { keepRules: RULES });
    await assert.rejects(mixed, hasCode('footprint-unusable', /2020.*7/));
  });

  test('a column that a rule asks for has to be there', async (t) => {
    const { folder, footprints } = place(t);
    writeDated(footprints, 'a.gpkg', 0, '2020');
    const keepRules = [{ column: 'date', keep: 'larger' as const }];
    const made = judgeOf([A], folder, { keepRules });
    await assert.rejects(made, hasCode('footprint-unusable', /no column date/, /Date/));
  });
});

suite('finding footprints', () => {
  test('all that are missing are named, or kept with a warning', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(footprints, 'b.gpkg', [{ parts: [[box(0, 0, 1, 1)]] }], DEGREES);
    const made = judgeOf([A, B, C], folder, { clip: 'within' });
    await assert.rejects(made, hasCode('footprint-missing', /a\.gpkg, c\.gpkg/, /2 inputs/));
    const kept = await judgeOf([A, B, C], folder, { clip: 'within', missingFootprints: 'keep' });
    assert.match(kept.warnings.join(), /a\.gpkg, c\.gpkg/);
    assert.equal(verdictOn(kept.judge, 'a.gpkg', [[box(5, 5, 6, 6)]]), STAYS);
    assert.equal(verdictOn(kept.judge, 'b.gpkg', [[box(5, 5, 6, 6)]]), OUTSIDE);
    const nowhere = judgeOf([A], folder, { footprints: join(folder, 'nowhere') });
    await assert.rejects(nowhere, hasCode('footprint-missing', /nowhere/));
  });

  test('in folders of the same names, whatever their extension', async (t) => {
    const { folder, footprints } = place(t);
    const input = stagedInput('north/a.shp', 'EPSG:4326');
    const parts = [[box(0, 0, 1, 1)]];
    writeFootprint(footprints, 'a.gpkg', [{ parts }], DEGREES);
    const made = judgeOf([input], folder, { clip: 'within' });
    await assert.rejects(made, hasCode('footprint-missing', /north\/a\.shp/));
    writeFootprint(footprints, 'north/a.GPKG', [{ parts }], DEGREES);
    const { judge } = await judgeOf([input], folder, { clip: 'within' });
    assert.equal(verdictOn(judge, 'north/a.shp', [[box(0, 0, 1, 1)]]), STAYS);
    writeFootprint(footprints, 'north/a.gpkg', [{ parts }], DEGREES);
    const two = judgeOf([input], folder, { clip: 'within' });
    await assert.rejects(two, hasCode('footprint-unusable', /2 footprints/));
  });

  test('empty ones, and ones with what is no polygon, are errors that name them', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(footprints, 'a.gpkg', [], DEGREES);
    await assert.rejects(
      judgeOf([A], folder, {}),
      hasCode('footprint-unusable', /a\.gpkg is empty/),
    );
    writeFootprint(footprints, 'a.gpkg', [{ parts: [] }], DEGREES);
    await assert.rejects(
      judgeOf([A], folder, {}),
      hasCode('footprint-unusable', /a\.gpkg is empty/),
    );
    const short: [number, number][] = [
      [0, 0],
      [1, 1],
      [0, 0],
    ];
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[short]] }], DEGREES);
    await assert.rejects(
      judgeOf([A], folder, {}),
      hasCode('footprint-unusable', /a\.gpkg/, /\(1\)/),
    );
  });

  test('of several layers that of the same name', async (t) => {
    const { folder, footprints } = place(t);
    const path = join(footprints, 'a.gpkg');
    const layers = ['x', 'y'].map((layer, k) => ({
      ...{ layer, srsId: 4326, columns: [], geometryType: 'MULTIPOLYGON' },
      rows: [{ wkb: multiPolygonWkb([[box(k, 0, k + 1, 1)]]), values: [] }],
    }));
    writeGeoPackage(path, layers);
    const inputs = [stagedInput('a.gpkg#x', 'EPSG:4326'), stagedInput('a.gpkg#y', 'EPSG:4326')];
    const { judge } = await judgeOf(inputs, folder, { clip: 'within' });
    assert.equal(verdictOn(judge, 'a.gpkg#x', [[box(0, 0, 1, 1)]]), STAYS);
    assert.equal(verdictOn(judge, 'a.gpkg#y', [[box(0, 0, 1, 1)]]), OUTSIDE);
    const other = judgeOf([A], folder, { clip: 'within' });
    await assert.rejects(other, hasCode('footprint-unusable', /several layers.*x, y/));
  });

  test('one without CRS is refused, but where inputCrs says it', async (t) => {
    const { folder, footprints } = place(t);
    writeFootprint(footprints, 'a.gpkg', [{ parts: [[box(0, 0, 1, 1)]] }], { srsId: 0 });
    await assert.rejects(judgeOf([A], folder, {}), hasCode('crs-missing', /footprints.a\.gpkg/));
    const { judge } = await judgeOf([A], folder, { clip: 'within', inputCrs: 'EPSG:4326' });
    assert.equal(verdictOn(judge, 'a.gpkg', [[box(0, 0, 1, 1)]]), STAYS);
  });
});
