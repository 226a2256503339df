/** GeoPackage geometry blobs of every kind, each read or counted under its reason. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Random } from '../../../src/core/random.ts';
import { EncodedRow } from '../../../src/formats/encoded-row.ts';
import {
  BLOB_HEADER_BYTES,
  decodeBlob,
  dropReason,
  FIRST_DROP,
  readBlobHeader,
  writeBlobHeader,
} from '../../../src/formats/geopackage/geometry-blob.ts';
import { openGeoPackage } from '../../../src/formats/geopackage/source.ts';
import { FeatureBatch, HAS_Z, MULTI } from '../../../src/geometry/batch.ts';
import {
  encodeWkb,
  WKB_EMPTY,
  WKB_MALFORMED,
  WKB_NOT_POLYGON,
  WKB_OK,
  wkbLength,
} from '../../../src/geometry/wkb.ts';
import { multiPolygonWkb, polygonWkb, type Ring } from '../../staging/support.ts';
import { temporaryFolder, withDatabase } from '../sqlite/sqlite-fixture.ts';
import {
  boxBlob,
  GEOPACKAGE_TABLES,
  readLayer,
  registerLayer,
  total,
} from './geopackage-fixture.ts';

const SQUARE: Ring = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
  [0, 0],
];
const TRIANGLE: Ring = [
  [1, 1],
  [2, 1],
  [2, 2],
  [1, 1],
];

interface Head {
  envelope?: number;
  flags?: number;
  bigEndian?: boolean;
  version?: number;
  magic?: string;
}

const ENVELOPE_DOUBLES = [0, 4, 6, 6, 8, 0, 0, 0];

/** A blob around WKB; its envelope holds numbers that nobody needs. */
function blobOf(wkb: Uint8Array, head: Head = {}): Buffer {
  const { envelope = 0, flags = 0, bigEndian = false, version = 0, magic = 'GP' } = head;
  const start = Buffer.alloc(8 + 8 * ENVELOPE_DOUBLES[envelope]!, 0x7f);
  start.write(magic, 0, 'latin1');
  start[2] = version;
  start[3] = (envelope << 1) | (bigEndian ? 0 : 1) | flags;
  start.writeInt32LE(3413, 4);
  return Buffer.concat([start, wkb]);
}

function decode(blob: Uint8Array): number {
  const batch = new FeatureBatch();
  batch.beginFeature(1);
  const bytes = Buffer.concat([Buffer.alloc(5, 0xff), blob, Buffer.alloc(100, 0x01)]);
  return decodeBlob(batch, bytes, 5, 5 + blob.length);
}

test('every kind of envelope, either byte order of the head', () => {
  for (const wkb of [polygonWkb([SQUARE, TRIANGLE]), multiPolygonWkb([[SQUARE], [TRIANGLE]])]) {
    for (const bigEndian of [false, true]) {
      for (let envelope = 0; envelope < 8; envelope++) {
        const expected = envelope < 5 ? WKB_OK : WKB_MALFORMED;
        assert.equal(decode(blobOf(wkb, { envelope, bigEndian })), expected, `${envelope}`);
      }
    }
  }
});

test('a blob that is cut off after any byte is malformed', () => {
  for (const envelope of [0, 1, 2, 3, 4]) {
    const blob = blobOf(polygonWkb([SQUARE]), { envelope });
    for (let length = 0; length < blob.length; length++) {
      assert.equal(decode(blob.subarray(0, length)), WKB_MALFORMED, `${length}`);
    }
    assert.equal(decode(blob), WKB_OK);
  }
});

test('other magic is malformed; an extended geometry is not a polygon', () => {
  const wkb = polygonWkb([SQUARE]);
  for (const magic of ['gp', 'GQ', '\0\0', '\x01\x03']) {
    assert.equal(decode(blobOf(wkb, { magic })), WKB_MALFORMED);
  }
  assert.equal(decode(wkb), WKB_MALFORMED);
  assert.equal(decode(blobOf(wkb, { flags: 0x20 })), WKB_NOT_POLYGON);
});

test('the flag of an empty geometry, whatever its WKB looks like', () => {
  const nan = Number.NaN;
  const flags = 0x10;
  const empties = [
    polygonWkb([]),
    multiPolygonWkb([]),
    polygonWkb([
      [
        [nan, nan],
        [nan, nan],
        [nan, nan],
        [nan, nan],
      ],
    ]),
    Buffer.alloc(0),
    Buffer.from('0103', 'hex'),
  ];
  for (const wkb of empties) assert.equal(decode(blobOf(wkb, { flags })), WKB_EMPTY);
  const point = Buffer.from('0101000000000000000000f87f000000000000f87f', 'hex');
  assert.equal(decode(blobOf(point, { flags })), WKB_NOT_POLYGON);
  // The flag is wrong: what is there counts, as it does for GDAL.
  assert.equal(decode(blobOf(polygonWkb([SQUARE]), { flags })), WKB_OK);
  // And without the flag.
  assert.equal(decode(blobOf(polygonWkb([]))), WKB_EMPTY);
});

test('what is written has its length, its envelope, and is read back', () => {
  const random = new Random(1);
  const batch = new FeatureBatch();
  const wkbs: Buffer[] = [];
  for (let n = 0; n < 100; n++) {
    const ring: Ring = Array.from({ length: 4 + random.integer(9) }, () => [
      random.normal(),
      random.normal(),
      ...(n % 3 === 0 ? [random.normal()] : []),
    ]);
    const rings = [[...ring, ring[0]!]];
    wkbs.push(n % 2 === 0 ? polygonWkb(rings) : multiPolygonWkb([rings, rings]));
    batch.beginFeature(n);
    const blob = blobOf(wkbs[n]!);
    assert.equal(decodeBlob(batch, blob, 0, blob.length), WKB_OK);
    batch.endFeature();
  }
  const row = Object.assign(new EncodedRow(), { minX: 1.5, minY: 2.5, maxX: 3.5, maxY: 4.5 });
  for (let n = 0; n < 100; n++) {
    const length = BLOB_HEADER_BYTES + wkbLength(batch, n);
    const bytes = new Uint8Array(length + 8).fill(0xee);
    const view = new DataView(bytes.buffer);
    writeBlobHeader(bytes, view, 4, -7, row);
    const end = encodeWkb(batch, n, bytes, view, 4 + BLOB_HEADER_BYTES);
    const read = new EncodedRow();
    assert.ok(readBlobHeader(bytes, view, 4, read));
    assert.deepEqual(read, row);
    assert.equal(end, 4 + length);
    assert.deepEqual([...bytes.subarray(end)], [0xee, 0xee, 0xee, 0xee]);
    const blob = Buffer.from(bytes.subarray(4, end));
    assert.equal(blob.toString('hex', 0, 8), '47500003f9ffffff');
    const envelope = [8, 16, 24, 32].map((at) => blob.readDoubleLE(at));
    assert.deepEqual(envelope, [1.5, 3.5, 2.5, 4.5]);
    assert.deepEqual(blob.subarray(40), wkbs[n]);
    assert.equal(batch.flags[n], (n % 2 === 0 ? 0 : MULTI) | (n % 3 === 0 ? HAS_Z : 0));
  }
});

/** Little-endian ISO WKB of a type with nothing in it. */
function emptyWkb(type: number): Buffer {
  const wkb = Buffer.alloc(9);
  wkb[0] = 1;
  wkb.writeUInt32LE(type, 1);
  return wkb;
}

const sound = polygonWkb([SQUARE]);
/** A forged count at an offset of a polygon's WKB: 5 rings, 9 vertices. */
function forged(at: number, count: number): Buffer {
  const wkb = Buffer.from(sound);
  wkb.writeUInt32LE(count, at);
  return wkb;
}

const REASONS: Record<string, (Uint8Array | string | number | null)[]> = {
  'null geometry': [null, null],
  'empty geometry': [
    blobOf(polygonWkb([])),
    blobOf(multiPolygonWkb([])),
    blobOf(multiPolygonWkb([[], []])),
    blobOf(polygonWkb([]), { flags: 0x10, envelope: 1 }),
  ],
  'not a polygon': [
    ...[1, 2, 4, 5, 7, 8, 9, 11, 1001, 2002, 3007].map((type) => blobOf(emptyWkb(type))),
    blobOf(sound, { flags: 0x20 }),
  ],
  'curved polygon': [10, 12, 1010, 2012, 3010].map((type) => blobOf(emptyWkb(type))),
  'malformed geometry': [
    'text',
    42,
    1.5,
    new Uint8Array(0),
    sound,
    blobOf(sound).subarray(0, 60),
    blobOf(forged(5, 2 ** 31)),
    blobOf(forged(9, 2 ** 32 - 1)),
    blobOf(forged(9, 6)),
    blobOf(sound, { envelope: 6 }),
    blobOf(emptyWkb(5003)),
  ],
  'non-finite coordinate': [Number.NaN, Number.POSITIVE_INFINITY].map((value) =>
    blobOf(polygonWkb([[...SQUARE.slice(0, 2), [value, 1], ...SQUARE.slice(3)]])),
  ),
  'unclosed ring': [
    blobOf(polygonWkb([SQUARE.slice(0, 4)])),
    blobOf(polygonWkb([SQUARE, TRIANGLE.slice(0, 3)])),
    blobOf(multiPolygonWkb([[SQUARE], [TRIANGLE.slice(1)]])),
  ],
  'too few points': [
    blobOf(polygonWkb([SQUARE.slice(0, 2)])),
    blobOf(multiPolygonWkb([[SQUARE, [SQUARE[0]!, SQUARE[1]!, SQUARE[0]!]]])),
  ],
};

test('in a layer, each is counted under its reason at its position; the others are read', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const positions: Record<string, number[]> = {};
  const kept: number[] = [];
  withDatabase(path, (db) => {
    db.exec(`${GEOPACKAGE_TABLES} create table l (fid integer primary key, geom, a)`);
    registerLayer(db, 'l');
    const insert = db.prepare('insert into l values (?, ?, ?)');
    let fid = 0;
    const good = (): void => {
      insert.run(++fid, boxBlob(0, 0, 1, fid), fid);
      kept.push(fid);
    };
    good();
    for (const [reason, geometries] of Object.entries(REASONS)) {
      for (const geometry of geometries) {
        insert.run(++fid, geometry, fid);
        positions[reason] = [...(positions[reason] ?? []), fid];
        if (fid % 3 === 0) good();
      }
    }
    good();
  });
  const source = openGeoPackage(path);
  for (const maxFeatures of [1, 2, 1000]) {
    const result = readLayer(source, 'l', undefined, { maxFeatures });
    assert.deepEqual(
      result.drops,
      Object.fromEntries(
        Object.entries(positions)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([reason, at]) => [reason, { count: at.length, positions: at.slice(0, 5) }]),
      ),
    );
    assert.deepEqual(
      result.features.map((feature) => feature.position),
      kept,
    );
    assert.deepEqual(
      result.features.map((feature) => feature.values[0]),
      kept,
    );
    assert.equal(result.rowsRead, total(result));
    assert.equal(result.rowsRead, source.layers()[0]!.featureCount);
  }
  source.close();
});

test('M values are left out and counted', (t) => {
  const path = join(temporaryFolder(t), 'a.gpkg');
  const withType = (wkb: Buffer, type: number): Buffer => {
    wkb.writeUInt32LE(type, 1);
    return blobOf(wkb);
  };
  const third = SQUARE.map((v) => [...v, 9]);
  withDatabase(path, (db) => {
    db.exec(`${GEOPACKAGE_TABLES} create table l (fid integer primary key, geom)`);
    registerLayer(db, 'l');
    const insert = db.prepare('insert into l (geom) values (?)');
    insert.run(withType(polygonWkb([third]), 2003));
    insert.run(blobOf(polygonWkb([third])));
    insert.run(blobOf(sound));
  });
  const source = openGeoPackage(path);
  const { features, droppedM } = readLayer(source, 'l');
  assert.equal(droppedM, 1);
  assert.deepEqual(
    features.map((feature) => feature.flags),
    [0, HAS_Z, 0],
  );
  assert.equal(features[0]!.wkb, features[2]!.wkb);
  source.close();
});

test('every code from FIRST_DROP on has a reason', () => {
  const reasons = new Set([2, 3, 4, 5, 6].map(dropReason));
  assert.equal(FIRST_DROP, 2);
  assert.equal(reasons.size, 5);
});
