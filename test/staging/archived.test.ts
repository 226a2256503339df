/** Vector data in zip archives besides shapefiles: named, with the command that makes it readable. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import { unreadWords } from '../../src/staging/inputs/unread.ts';
import { type Described, ENTRIES } from '../formats/contract/contract-inputs.ts';
import { square } from '../formats/shapefile/shapefile-fixture.ts';
import { type ZipEntry, zipBytes } from '../formats/zip-fixture.ts';
import { hasProgram, resultOf, runCli, temporaryFolder } from './support.ts';

const INPUT: Described = {
  columns: [{ name: 'n', type: 'integer' }],
  crs: 4326,
  features: [{ shape: [[square(0, 10, 1)]], values: [7] }],
};

/** Files of an input, below a folder of the archive. */
function members(t: { after(work: () => void): void }, format: string, below = ''): ZipEntry[] {
  const folder = temporaryFolder(t);
  ENTRIES.find((entry) => entry.format.name === format)!.write(folder, format[0]!, INPUT);
  return readdirSync(folder).map((name) => {
    return { name: `${below}${name}`, bytes: readFileSync(join(folder, name)) };
  });
}

const OTHERS: ZipEntry[] = [
  ...['metadata.json', 'README.txt', 'style.qml', 'a.xml', '__MACOSX/._b.geojson', '.c.geojson'],
].map((name) => ({ name, bytes: Buffer.from('{"a":1}') }));

const FORMATS = ['GeoJSON', 'GeoPackage', 'FlatGeobuf', 'GeoParquet'];
const find = (root: string, args: string[]) => findInputs(args, { extensions: [], cwd: root });

/** What is read after a command: names, and what is still not read. */
function after(root: string, command: string): [names: string[], unread: string] {
  const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });
  // 11: nothing in one of the archives matches.
  assert.ok(status === 0 || status === 11, `${command}: ${stderr}`);
  const { inputs, unread } = find(root, ['in']);
  return [inputs.map(({ name }) => name), unreadWords(unread)];
}

test('beside shapefiles, in folders and named', { skip: !hasProgram('unzip') }, (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'in'));
  const all = FORMATS.flatMap((format) => members(t, format, 'sub/'));
  const json = { name: 'x.JSON', bytes: members(t, 'GeoJSON')[0]!.bytes };
  const bytes = zipBytes([...members(t, 'shapefile'), ...all, json, ...OTHERS]);
  writeFileSync(join(root, 'in/a b.zip'), bytes);
  const { inputs, unread } = find(root, ['in']);
  assert.equal(inputs.length, 1);
  assert.equal(
    unreadWords(unread),
    '5 files were not read: 1 FlatGeobuf in a zip archive (.fgb), ' +
      '1 GeoJSON in a zip archive (.geojson), 1 GeoPackage in a zip archive (.gpkg), ' +
      '1 GeoJSON in a zip archive (.json), 1 GeoParquet in a zip archive (.parquet)',
  );
  assert.deepEqual(find(root, ['in/a b.zip']).unread, unread);
  assert.deepEqual(find(root, ['in/*.zip']).unread, unread);
  const [command] = new Set(unread.map((kind) => kind.command));
  const [names, left] = after(root, command!);
  assert.deepEqual(names, [
    'a b.zip',
    ...['F.fgb', 'G.geojson', 'G.gpkg', 'G.parquet'].map((name) => `a b.zip.d/sub/${name}`),
    'a b.zip.d/x.JSON',
  ]);
  // Of the archive nothing more is told: what is left are files that hold no features.
  assert.doesNotMatch(left, /archive/);
});

test('alone in several archives, with commands for all of them', {
  skip: !hasProgram('unzip'),
}, (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'in'));
  writeFileSync(join(root, 'in/a.zip'), zipBytes([...members(t, 'GeoJSON'), ...OTHERS]));
  writeFileSync(
    join(root, 'in/b.zip'),
    zipBytes([...members(t, 'GeoJSON'), ...members(t, 'GeoPackage')]),
  );
  writeFileSync(join(root, 'in/c.zip'), zipBytes(OTHERS));
  const { inputs, unread, missing } = find(root, ['in']);
  assert.deepEqual(inputs, []);
  assert.equal(
    unreadWords(unread),
    '4 files were not read: 2 GeoJSON in a zip archive (.geojson), ' +
      '1 GeoPackage in a zip archive (.gpkg), 1 zip archive (.zip)',
  );
  const commands = missing[0]!.error.message.split('\n').slice(1);
  const [names] = after(root, commands[0]!);
  assert.ok(names.includes('a.zip.d/G.geojson') && names.includes('b.zip.d/G.gpkg'), `${names}`);
});

test('an archive that is named itself says what to do, and then what lies beside it', async (t) => {
  const root = temporaryFolder(t);
  writeFileSync(join(root, 'a.zip'), zipBytes([...members(t, 'GeoJSON'), ...OTHERS]));
  const kml = { name: 'k.kml', bytes: Buffer.from('<kml>') };
  writeFileSync(join(root, 'b.zip'), zipBytes([...members(t, 'GeoParquet'), kml]));
  const said = (name: string): string => find(root, [name]).missing[0]!.error.message;
  assert.match(said('a.zip'), /zip archive\. To read it:\nunzip -n a\.zip -d a\.zip\.d$/);
  assert.match(
    said('b.zip'),
    /\nunzip -n b\.zip -d b\.zip\.d\nogr2ogr -f GPKG b\.zip\.k\.kml\.gpkg \/vsizip\/b\.zip\/k\.kml/,
  );
  mkdirSync(join(root, 'a.zip.d'));
  assert.match(said('a.zip'), /Give a\.zip\.d, which lies beside it/);
});

test('commands tell it', async (t) => {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'in'));
  const entries = [...members(t, 'shapefile'), ...members(t, 'GeoJSON')];
  writeFileSync(join(root, 'in/a.zip'), zipBytes(entries));
  const note = /1 file was not read: 1 GeoJSON in a zip archive \(\.geojson\)\. To read them:/;
  for (const args of [
    ['info', 'in/a.zip'],
    ['check', 'in'],
    ['stage', 'in', '--out', 'out'],
  ]) {
    const { stdout, stderr } = await runCli(args, { cwd: root });
    assert.match(stdout + stderr, note, args[0]);
    assert.match(stdout + stderr, /unzip -n in\/a\.zip -x .* -d in\/a\.zip\.d/);
  }
  const { stdout } = await runCli(['stage', 'in', '--out', 'out', '--json'], { cwd: root });
  assert.equal(resultOf(stdout).unread[0]!.count, 1);
});

test('a member of another format by its name alone is not told of', (t) => {
  const root = temporaryFolder(t);
  const bytes = Buffer.from('{"type":"Topology"}');
  const entries = [...members(t, 'shapefile'), { name: 'a.json', bytes }];
  writeFileSync(join(root, 'a.zip'), zipBytes(entries));
  assert.deepEqual(find(root, ['a.zip']).unread, []);
});
