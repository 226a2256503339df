import assert from 'node:assert/strict';
import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openShapefile } from '../../src/formats/shapefile/source.ts';
import { fingerprintOf } from '../../src/staging/inputs/fingerprint.ts';
import { dbfBytes, squares, withFiles } from '../formats/shapefile/shapefile-fixture.ts';

/** Checks that a file that appears, changes or goes shows, and that it shows nothing else. */
function assertSeen(input: string, part: string, contents: (string | Buffer)[]): void {
  const without = fingerprintOf(input);
  assert.equal(fingerprintOf(input), without);
  const seen = [without];
  for (const content of contents) {
    writeFileSync(part, content);
    seen.push(fingerprintOf(input));
    // The time of its content put back, as programs that copy do.
    writeFileSync(part, content);
    utimesSync(part, 1e9, 1e9);
    seen.push(fingerprintOf(input));
  }
  assert.equal(new Set(seen).size, seen.length, part);
  rmSync(part);
  assert.equal(fingerprintOf(input), without, part);
}

test('each file of a shapefile that is read shows, however it is spelled', () => {
  const { shp, shx, dbf } = squares();
  const spellings = (word: string): string[] =>
    Array.from({ length: 8 }, (_, bits) =>
      Array.from(word, (letter, i) => (bits & (1 << i) ? letter.toUpperCase() : letter)).join(''),
    );
  const parts: Record<string, (string | Buffer)[]> = {
    shx: [shx, Buffer.alloc(shx.length)],
    dbf: [dbf, dbfBytes([{ name: 'M', type: 'N', width: 5 }], Array(300).fill(['1']))],
    prj: ['GEOGCS["a"]', 'GEOGCS["b"]'],
    cpg: ['UTF-8', '88591'],
  };
  for (const name of ['a.shp', 'a.SHP']) {
    withFiles({ [name]: shp }, (path) => {
      for (const [word, contents] of Object.entries(parts)) {
        for (const spelling of spellings(word)) {
          assertSeen(path(name), path(`a.${spelling}`), contents);
        }
      }
      // And the reader reads what shows.
      for (const [d, p] of spellings('dbf').map((s, i) => [s, spellings('prj')[i]!] as const)) {
        writeFileSync(path(`a.${d}`), dbf);
        writeFileSync(path(`a.${p}`), 'GEOGCS["x"]');
        const source = openShapefile(path(name));
        const [layer] = source.layers();
        source.close();
        assert.deepEqual([layer!.columns.length, layer!.crs?.name], [1, 'x'], d);
        rmSync(path(`a.${d}`));
        rmSync(path(`a.${p}`));
      }
    });
  }
});

test("a GeoPackage's journal and log show; a log that is empty holds nothing", () => {
  withFiles({ 'a.gpkg': 'content' }, (path) => {
    const without = fingerprintOf(path('a.gpkg'));
    assertSeen(path('a.gpkg'), path('a.gpkg-wal'), ['one', 'two']);
    assertSeen(path('a.gpkg'), path('a.gpkg-journal'), ['one', 'two', '']);
    writeFileSync(path('a.gpkg-wal'), '');
    assert.equal(fingerprintOf(path('a.gpkg')), without);
  });
});

test('what is written after a fingerprint has another time', () => {
  withFiles({ 'a.shp': '0' }, (path) => {
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      writeFileSync(path('a.shp'), String(i % 10));
      seen.add(fingerprintOf(path('a.shp')));
      const { ctimeNs } = statSync(path('a.shp'), { bigint: true });
      assert.ok(BigInt(Date.now()) * 1_000_000n - ctimeNs > 19_000_000n);
    }
    assert.equal(seen.size, 20);
  });
});
