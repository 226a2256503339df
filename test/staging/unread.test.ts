/** Files in input folders that are not read: counted by kind, with what makes them readable. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { suite, test } from 'node:test';
import { estimateText } from '../../src/insight/estimate/answer/answer-text.ts';
import { estimate } from '../../src/insight/estimate/estimate.ts';
import { findInputs } from '../../src/staging/inputs/inputs.ts';
import { type UnreadKind, unreadWords } from '../../src/staging/inputs/unread.ts';
import { initializeStager, TileStager } from '../../src/staging/tile-stager.ts';
import { hasProgram, resultOf, runCli, temporaryFolder } from './support.ts';
import { layerAt } from './workplace.ts';
import { writeGeoPackage } from './write-geopackage.ts';

function files(root: string, ...paths: string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), '');
  }
}

const brief = (kinds: UnreadKind[]): [string, number][] =>
  kinds.map(({ extension, count }) => [extension, count]);

suite('what is counted', () => {
  const find = (root: string, args: string[], extensions: string[] = []) =>
    findInputs(args, { extensions, cwd: root });

  test('all but inputs, what belongs to them, and what is hidden', (t) => {
    const root = temporaryFolder(t);
    const own = ['.shp', '.dbf', '.SHX', '.prj', '.cpg', '.qix', '.sbn', '.shp.xml', '.qml'];
    files(root, ...own.map((end) => `in/roads${end}`), 'in/.hidden.gpx', 'in/.d/a.gpx');
    files(root, 'in/a.gpkg', 'in/a.gpkg-wal', 'in/a.gpkg-shm', 'in/B.GPKG');
    files(root, 'in/alone.dbf', 'in/sub/a.gpx', 'in/sub/B.GPX', 'in/x.dxf', 'in/README');
    files(root, 'in/t.tif', 'in/notes.txt', 'in/odd.xyz', 'in/map.tab', 'in/map.dat', 'in/map.id');
    files(root, 'in/data.gdb/a00000001.gdbtable', 'in/data.gdb/gdb', 'in/no.gdb/b.gpkg');
    symlinkSync(join(root, 'in/x.dxf'), join(root, 'in/link.dxf'));
    symlinkSync(join(root, 'nowhere'), join(root, 'in/broken.dxf'));
    const found = find(root, ['in']);
    assert.deepEqual(
      found.inputs.map(({ name }) => name),
      ['B.GPKG', 'a.gpkg', 'no.gdb/b.gpkg', 'roads.shp'],
    );
    assert.deepEqual(brief(found.unread), [
      ['.dxf', 2],
      ['.gpx', 2],
      ['.gdb', 1],
      ['.tab', 1],
      ['', 1],
      ['.dbf', 1],
      ['.tif', 1],
      ['.txt', 1],
      ['.xyz', 1],
    ]);
    assert.equal(
      unreadWords(found.unread),
      '11 files were not read: 2 DXF (.dxf), 2 GPX (.gpx), 1 FileGDB (.gdb), ' +
        '1 MapInfo (.tab), 1 without an extension, 1 dBASE table without its .shp (.dbf), ' +
        '1 GeoTIFF raster (.tif), 1 text (.txt), 1 .xyz',
    );
    const vector = found.unread.filter(({ command }) => command !== null);
    assert.deepEqual(
      brief(vector)
        .map(([extension]) => extension)
        .sort(),
      ['.dxf', '.gdb', '.gpx', '.tab'],
    );
    // Also by several ways, each is counted once.
    symlinkSync(join(root, 'in/sub'), join(root, 'in/again'));
    assert.deepEqual(find(root, ['in', 'in/sub', 'in/*']).unread, found.unread);
  });

  test('nothing where no folder is given, or where a folder is all read', (t) => {
    const root = temporaryFolder(t);
    files(root, 'in/a.gpkg', 'in/b.gpx', 'all/c.gpkg', 'in/d.shp');
    assert.deepEqual(find(root, ['in/a.gpkg', 'in/*.gpkg', 'all']).unread, []);
    // A format that --ext leaves out was left out on purpose.
    assert.deepEqual(brief(find(root, ['in'], ['.gpkg']).unread), [['.gpx', 1]]);
    assert.deepEqual(brief(find(root, ['i*']).unread), [['.gpx', 1]]);
  });

  test('a folder without inputs says so with what it has', (t) => {
    const root = temporaryFolder(t);
    files(root, 'in/a.gpx', 'x.gdb/a00000001.gdbtable');
    const { missing } = find(root, ['in', 'x.gdb']);
    assert.match(
      missing[0]!.error.message,
      /holds no file that is an input that can be read\. 2 files were not read: 1 FileGDB \(\.gdb\), 1 GPX/,
    );
    assert.deepEqual(missing[0]!.error.message.split('\n').slice(1), [
      'ogr2ogr -f GPKG x.gdb.gpkg x.gdb',
      'ogr2ogr -f GPKG in/a.gpx.gpkg in/a.gpx',
    ]);
    assert.match(
      missing[1]!.error.message,
      /x\.gdb holds no file that is an input that can be read\.$/,
    );
    const glob = find(root, ['in/*.gpx']);
    assert.match(glob.missing[0]!.error.message, /\nogr2ogr -f GPKG in\/a\.gpx\.gpkg in/);
  });

  test('a file that is named says what it is, with the command of its folder', (t) => {
    const root = temporaryFolder(t);
    const names = ['a.gpx', 'b.KML', 'c d.tar', 'e.csv', 'f.tif', 'g', 'h.dxf', 'i.dxf'];
    for (const name of names) files(root, `in/${name}/${name}`);
    files(root, 'in/h.dxf/h.gpkg', 'in/i.dxf/i.dxf.gpkg');
    for (const name of names) {
      const { missing, unread } = find(root, [`in/${name}/${name}`]);
      const { message, code } = missing[0]!.error;
      assert.equal(code, 'input-format');
      assert.deepEqual(unread, []);
      const told = find(root, [`in/${name}`]).unread.flatMap(({ command }) => command ?? []);
      const said = message.split('\n').slice(1);
      if (name === 'e.csv') assert.match(said[0]!, / in\/e\.csv\/e\.csv -oo GEOM_/);
      else assert.deepEqual(said, told);
      assert.equal(told.length, 'abc'.includes(name[0]!) ? 1 : 0, name);
    }
    const says = (name: string) => find(root, [`in/${name}/${name}`]).missing[0]!.error.message;
    assert.match(
      says('c d.tar'),
      /GPKG 'in\/c d\.tar\/c d\.tar\.gpkg' '\/vsitar\/\{in\/c d\.tar\/c d\.tar\}'$/,
    );
    assert.match(
      says('f.tif'),
      /tif is of a format that is not read: GeoTIFF raster\. It has pixels, and no/,
    );
    assert.match(says('h.dxf'), /DXF\. Give in\/h\.dxf\/h\.gpkg, which lies beside it\.$/);
    assert.match(says('i.dxf'), /Give in\/i\.dxf\/i\.dxf\.gpkg, which/);
  });

  test('not what lies beside its GeoPackage', (t) => {
    const root = temporaryFolder(t);
    files(root, 'in/a.gpx', 'in/a.gpkg', 'in/b.dxf', 'in/b.DXF.gpkg', 'in/c.kml', 'in/a.txt');
    files(root, 'in/d.gdb/a00000001.gdbtable', 'in/d.gdb.gpkg');
    assert.deepEqual(brief(find(root, ['in']).unread), [
      ['.kml', 1],
      ['.txt', 1],
    ]);
  });
});

suite('how it is told', () => {
  test('once, when nothing can be read, on lines of its own', async (t) => {
    const root = temporaryFolder(t);
    files(root, 'in/b.gpx', 'in/c.kml', 'more/d.dxf');
    for (const args of [
      ['stage', '--out', 'out'],
      ['info'],
      ['stage', '--out', 'out', '--dry-run'],
    ]) {
      const { code, stdout, stderr } = await runCli([...args, 'in', 'more', 'no.gpkg'], {
        cwd: root,
      });
      assert.equal(code, 1);
      const said = `${stdout}${stderr}`;
      for (const name of ['in/b.gpx', 'in/c.kml', 'more/d.dxf']) {
        const lines = said.split('\n').filter((line) => line.includes(`GPKG ${name}.gpkg ${name}`));
        assert.deepEqual(
          lines.map((line) => line.trim()),
          [`ogr2ogr -f GPKG ${name}.gpkg ${name}`],
        );
      }
      assert.equal(said.split('were not read').length, 2, said);
      if (args.length === 3 && args[0] === 'stage') assert.match(stdout, /^Nothing was staged\.$/m);
    }
  });

  test('as an event, each argument that leads to no input', async (t) => {
    const root = temporaryFolder(t);
    files(root, 'a.kml', 'empty/x');
    writeGeoPackage(join(root, 'a.gpkg'), layerAt([0]));
    for (const good of [[], ['a.gpkg']]) {
      const args = ['nosuch', 'a.kml', 'empty', 'no*', ...good];
      const { stdout } = await runCli(['stage', ...args, '--out', 'out', '--json'], { cwd: root });
      const events = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const failed = events.filter(({ type }) => type === 'input-failed');
      const { missing } = resultOf(stdout);
      assert.equal(missing.length, 4);
      assert.deepEqual(
        failed.map(({ input, error }) => [input, error.code, error.message]),
        missing.map(({ argument, error }) => [argument, error.code, error.message]),
      );
      const text = await runCli(['stage', ...args, '--out', 'out'], { cwd: root });
      assert.equal(text.stderr.split('There is no file or folder').length, 2, text.stderr);
    }
  });

  test('by stage, its JSON, the library and the estimate, alike', async (t) => {
    const root = temporaryFolder(t);
    files(root, 'in/b.gpx', 'in/sub/c.gpx', 'in/notes.txt');
    mkdirSync(join(root, 'in/sub'), { recursive: true });
    writeGeoPackage(join(root, 'in/a.gpkg'), layerAt([0]));
    writeGeoPackage(join(root, 'in/sub/B.GPKG'), layerAt([1]));
    const command = "find in -iname '*.gpx' -exec ogr2ogr -f GPKG {}.gpkg {} \\;";
    const lines =
      'note       3 files were not read: 2 GPX (.gpx), 1 text (.txt). To read them:\n' +
      `             ${command}\n`;
    for (const out of ['out', 'out']) {
      const { code, stdout } = await runCli(['stage', 'in', '--out', out], { cwd: root });
      assert.equal(code, 0);
      assert.ok(stdout.includes(lines), stdout);
    }
    const info = await runCli(['info', 'in'], { cwd: root });
    assert.ok(info.stderr.endsWith(lines), info.stderr);
    const quiet = await runCli(['stage', 'in', '--out', 'out', '--quiet'], { cwd: root });
    assert.equal(quiet.stdout, '');
    const json = await runCli(['stage', 'in', '--out', 'out', '--json'], { cwd: root });
    const { unread } = resultOf(json.stdout);
    assert.deepEqual(brief(unread), [
      ['.gpx', 2],
      ['.txt', 1],
    ]);
    assert.equal(unread[0]!.command, command);
    const dirInput = join(root, 'in');
    assert.deepEqual(
      unread[0]!.examples,
      ['b.gpx', 'sub/c.gpx'].map((f) => join(dirInput, f)),
    );

    const names = resultOf(json.stdout).inputs.map(({ name }) => name);
    assert.deepEqual(names, ['a.gpkg', 'sub/B.GPKG']);
    // Text as it is, for the test below: commands start at the folder of the process.
    for (const stager of [
      initializeStager(dirInput, join(root, 'staged-1'), { executor: 'inline' }),
      new TileStager({ dirInput, dirStaged: join(root, 'staged-2'), executor: 'inline' }),
    ]) {
      const result = await stager.stageAll();
      assert.deepEqual(brief(result.unread), brief(unread));
      assert.deepEqual(
        result.inputs.map(({ name }) => name),
        names,
      );
      assert.equal(result.tiles.total, resultOf(json.stdout).tiles.total);
    }
    const estimated = await estimate({ dirInput, executor: 'inline' });
    assert.deepEqual(brief(estimated.unread), brief(unread));
    assert.match(estimateText(estimated), /^Note: 3 files were not read: 2 GPX/m);
    assert.match(estimateText(estimated), /^ {2}find .* -iname/m);
  });
});

const SQUARE =
  '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"n":1},"geometry":' +
  '{"type":"Polygon","coordinates":[[[10,50],[10.001,50],[10.001,50.001],[10,50]]]}}]}';
/** GDAL's drivers that write what can't be staged, and how their files end. */
const DRIVERS = {
  GML: '.gml',
  KML: '.kml',
  SQLite: '.sqlite',
};

test('its commands make the files readable', async (t) => {
  if (!hasProgram('ogr2ogr')) return t.skip('ogr2ogr is not there');
  const root = temporaryFolder(t);
  const folder = "in/it's a folder";
  files(root, `${folder}/sub/x`);
  const source = join(root, 'square.geojson');
  writeFileSync(source, SQUARE);
  let made = 0;
  for (const [driver, extension] of Object.entries(DRIVERS)) {
    for (const name of [
      `a${extension}`,
      ...(extension === '.kml' ? [] : [`sub/b c${extension}`]),
    ]) {
      const args = ['-f', driver, join(root, folder, name), source];
      assert.equal(spawnSync('ogr2ogr', args).status, 0, name);
      made++;
    }
  }
  const found = findInputs([join(root, folder)], { extensions: [], cwd: root });
  const commands = found.unread.flatMap(({ command }) => command ?? []);
  assert.equal(commands.length, Object.keys(DRIVERS).length);
  for (const command of commands) {
    const { status, stderr } = spawnSync('sh', ['-c', command], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, `${command}: ${stderr}`);
  }
  const after = findInputs([join(root, folder)], { extensions: [], cwd: root }).unread;
  assert.deepEqual(brief(after.filter(({ command }) => command !== null)), []);
  const out = join(root, 'out');
  const { code, stdout, stderr } = await runCli(
    ['stage', folder, '--ext', '.gpkg', '--out', out, '--json'],
    {
      cwd: root,
    },
  );
  assert.equal(code, 0, stderr);
  const { inputs, featuresStaged } = resultOf(stdout);
  assert.equal(inputs.length, made);
  assert.equal(featuresStaged, made);
});
