/** The lines that are told for files which are not read: what they make has as many features as GDAL counts. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { openSource } from '../../src/formats/open.ts';
import { unreadAdvice } from '../../src/formats/unread/advice.ts';
import {
  hasProgram,
  NO_SHARED_DATA,
  polygonWkb,
  sharedData,
  temporaryFolder,
} from '../staging/support.ts';
import { readSlices } from './contract/contract-reading.ts';
import { type GdalFile, GdalReader, noGdal, shapeOf } from './gdal-rows.ts';
import { TABLE } from './outcomes.ts';
import { square } from './shapefile/shapefile-fixture.ts';

const skip = hasProgram('ogr2ogr') ? noGdal : 'ogr2ogr is not there';

/** Features of the source, every fourth of two polygons. */
const COUNT = 12;
const SOURCE = JSON.stringify({
  type: 'FeatureCollection',
  features: Array.from({ length: COUNT }, (_, i) => {
    const polygons = [[square(i, 50, 0.1)], [square(i + 0.5, 50, 0.1)]];
    const geometry =
      i % 4 === 3
        ? { type: 'MultiPolygon', coordinates: polygons }
        : { type: 'Polygon', coordinates: polygons[0] };
    return { type: 'Feature', properties: { n: i, name: `ü ${i}` }, geometry };
  }),
});
const WKT = 'POLYGON((0 0,1 0,1 1,0 0))\nMULTIPOLYGON(((0 0,1 0,1 1,0 0)))\n\nPOINT(1 2)\n';
const SHP = 'ogr2ogr $D/s.shp s.geojson -nlt MULTIPOLYGON';
const csv = (options: string): string =>
  `ogr2ogr -f CSV $D/x.csv s.geojson -lco GEOMETRY=AS_WKT ${options}`;
const sheet = (driver: string, ...names: string[]): string =>
  names
    .map((name, i) => {
      const update = i > 0 ? '-update' : '';
      return `ogr2ogr -f ${driver} ${update} $F $D/x.csv -oo KEEP_GEOM_COLUMNS=YES -nln ${name}`;
    })
    .join(' && ');

/** Of files by their names: what makes $F in the new folder $D, features and polygons. */
const MADE: Readonly<Record<string, [command: string, features?: number, polygons?: number]>> = {
  'a.gdb': ['ogr2ogr -f OpenFileGDB $F s.geojson -nlt MULTIPOLYGON'],
  'a.gdb.zip': [
    'ogr2ogr -f OpenFileGDB $D/z.gdb s.geojson -nlt MULTIPOLYGON && cd $D && zip -qr $F z.gdb && rm -r z.gdb',
  ],
  'a.kml': ['ogr2ogr -f LIBKML $F s.geojson'],
  'b.kml': ['ogr2ogr -f KML $F s.geojson'],
  'a.kmz': ['ogr2ogr -f LIBKML $F s.geojson'],
  'a.gml': ['ogr2ogr -f GML $F s.geojson'],
  'b.gml': ['ogr2ogr -f GML -dsco FORMAT=GML2 $F s.geojson'],
  'a.gpx': ['ogr2ogr -f GPX $F p.geojson', 1, 0],
  'a.tab': ['ogr2ogr -f "MapInfo File" $F s.geojson'],
  'a.mif': ['ogr2ogr -f "MapInfo File" $F s.geojson'],
  'a.vrt': [
    'cp s.geojson $D/v && echo "<OGRVRTDataSource><OGRVRTLayer name=\\"v\\"><SrcDataSource relativeToVRT=\\"1\\">v</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>" > $F',
  ],
  // Parts become entities of their own, and with DGN some of them lines.
  'a.dxf': ['ogr2ogr -f DXF $F s.geojson', COUNT + 3],
  'a.dgn': ['ogr2ogr -f DGN $F s.geojson', COUNT + 3],
  'a.sqlite': ['ogr2ogr -f SQLite $F s.geojson'],
  'a.db': ['ogr2ogr -f SQLite $D/x.sqlite s.geojson && mv $D/x.sqlite $F'],
  'a.csv': [`${csv('')} && mv $D/x.csv $F`],
  'b.csv': [`${csv('-lco SEPARATOR=SEMICOLON')} && sed s/WKT/the_geom/ $D/x.csv > $F`],
  'a.tsv': [`${csv('-lco SEPARATOR=TAB')} && mv $D/x.csv $F`],
  'a.xlsx': [`${csv('')} && ${sheet('XLSX', 'one')}`],
  'a b.xlsx': [`${csv('')} && ${sheet('XLSX', 'one', 'two')}`, 2 * COUNT, 2 * COUNT],
  'a.ods': [`${csv('')} && ${sheet('ODS', 'one', 'two')}`, 2 * COUNT, 2 * COUNT],
  'a.wkt': ['cp a.wkt $F', 3, 2],
  "it's.wkt": ['cp a.wkt "$F"', 3, 2],
  'a.wkb': ['cp a.wkb $F', 1, 1],
  'a.gpkg.sql': [
    'ogr2ogr -f GPKG $D/x.gpkg s.geojson && (echo "-- SQL GPKG"; sqlite3 $D/x.gpkg .dump) > $F && rm $D/x.gpkg',
  ],
  'a.sqlite.sql': [
    'ogr2ogr -f SQLite $D/x.sqlite s.geojson && (echo "-- SQL SQLITE"; sqlite3 $D/x.sqlite .dump) > $F',
  ],
  'a.tar': [`${SHP} && cd $D && tar cf $F s.* && rm s.*`],
  'a.tgz': [`${SHP} && cd $D && tar czf $F s.* && rm s.*`],
  'a.tar.gz': [`${SHP} && cd $D && tar czf $F s.* && rm s.*`],
  'k.zip': ['ogr2ogr -f KML $D/k.kml s.geojson && cd $D && zip -q $F k.kml && rm k.kml'],
  'm.zip': [
    'ogr2ogr -f "MapInfo File" $D/m.mif s.geojson && ogr2ogr -f GML $D/g.gml s.geojson && cd $D && zip -q $F *.m* g.* && rm *.m* g.*',
    2 * COUNT,
    2 * COUNT,
  ],
  'g.zip': [
    'ogr2ogr -f OpenFileGDB $D/z.gdb s.geojson -nlt MULTIPOLYGON && cd $D && zip -qr $F z.gdb && rm -r z.gdb',
  ],
  'a.geojson.gz': ['gzip -c s.geojson > $F'],
  'a.gpkg.gz': ['ogr2ogr -f GPKG $D/x.gpkg s.geojson && gzip -c $D/x.gpkg > $F && rm $D/x.gpkg'],
  'a.json': ['cp esri.json $F', 2, 2],
  'a.topojson': ['cp topo.json $F', 2, 2],
  'a.osm': ['cp a.osm $F', 1, 1],
};
const ESRI = JSON.stringify({
  ...{ geometryType: 'esriGeometryPolygon', spatialReference: { wkid: 4326 } },
  fields: [{ name: 'n', type: 'esriFieldTypeInteger' }],
  features: [1, 2].map((n) => ({ attributes: { n }, geometry: { rings: [square(n, 0, 1)] } })),
});
const part = { type: 'Polygon', arcs: [[0]] };
const TOPOLOGY = JSON.stringify({
  type: 'Topology',
  objects: { a: { type: 'GeometryCollection', geometries: [part, part] } },
  arcs: [square(0, 0, 1)],
});
const nodes = square(0, 0, 1).slice(0, 4);
const OSM = `<osm version="0.6">${nodes.map(([x, y], i) => `<node id="${i + 1}" lon="${x}" lat="${y}"/>`).join('')}
<way id="1">${[1, 2, 3, 4, 1].map((id) => `<nd ref="${id}"/>`).join('')}<tag k="building" v="yes"/></way></osm>`;

interface Counts {
  features: number;
  polygons: number;
}

/** Runs what is told of a file; of the GeoPackages that it makes, all rows and polygons. */
async function afterCommand(path: string): Promise<Counts & { status: number; said: string }> {
  const folder = dirname(path);
  const before = new Set(readdirSync(folder));
  const [, ...lines] = unreadAdvice(path, folder).split('\n');
  assert.ok(lines.length > 0, path);
  const run = spawnSync('sh', ['-c', lines.join('\n')], { cwd: folder, encoding: 'utf8' });
  const made = readdirSync(folder).filter((name) => !before.has(name) && extname(name) === '.gpkg');
  const counts = { features: 0, polygons: 0 };
  for (const name of made) {
    const source = await openSource(join(folder, name));
    for (const layer of source.layerNames()) {
      const { rows, rowsRead } = await readSlices(source, undefined, undefined, undefined, layer);
      counts.features += rowsRead;
      counts.polygons += rows.length;
    }
    await source.close();
  }
  return { ...counts, status: run.status!, said: `${lines.join('\n')}\n${run.stderr}` };
}

/** Of layers with geometries: other tables are no layers of a GeoPackage's. */
function countsOf({ layers }: GdalFile): Counts {
  const rows = layers.flatMap((layer) => (layer.hasGeometries ? layer.rows : []));
  const polygons = rows.filter(([, wkb]) => typeof shapeOf(wkb) === 'object').length;
  return { features: rows.length, polygons };
}

suite('files that GDAL makes', { skip }, () => {
  for (const [name, [command, features = COUNT, polygons = features]] of Object.entries(MADE)) {
    test(name, async (t: TestContext) => {
      if (command.includes('sqlite3') && !hasProgram('sqlite3')) return t.skip('no sqlite3');
      if (/\bzip\b/.test(command) && !hasProgram('zip')) return t.skip('no zip');
      const root = temporaryFolder(t);
      const point = { type: 'Point', coordinates: [1, 2] };
      const files = { 'esri.json': ESRI, 'topo.json': TOPOLOGY, 'a.osm': OSM, 'a.wkt': WKT };
      const sources = { ...files, 's.geojson': SOURCE, 'p.geojson': JSON.stringify(point) };
      for (const [file, text] of Object.entries(sources)) writeFileSync(join(root, file), text);
      writeFileSync(join(root, 'a.wkb'), polygonWkb([square(0, 0, 1)]));
      const folder = temporaryFolder(t);
      const path = join(folder, name);
      const make = command.replaceAll('"$F"', '$F').replaceAll('$F', '"$F"');
      const { status, stderr } = spawnSync('sh', ['-c', make], {
        cwd: root,
        env: { ...process.env, D: folder, F: path },
        encoding: 'utf8',
      });
      assert.equal(status, 0, stderr);
      const found = await afterCommand(path);
      assert.equal(found.status, 0, found.said);
      const wanted = name === 'a.dgn' ? found.polygons : polygons;
      assert.deepEqual([found.features, found.polygons], [features, wanted], found.said);
    });
  }
});

/** Whose commands go on after an error, or don't begin with the file itself. */
const OTHERWISE = /^(WKT|WKB|tar archive|gzip|zip archive|dump of .*|CSV)$/;

test('files at hand: the features that GDAL counts', { skip }, async (t) => {
  const data = sharedData();
  if (data === null) return t.skip(NO_SHARED_DATA);
  const told = readFileSync(TABLE, 'utf8').matchAll(
    /^(.*?)\t.* format that is not read: ([^.]*)\..*\| (?:ogr2ogr|\(echo|sqlite3) .*$/gm,
  );
  const files = [...told].filter(([, , format]) => !OTHERWISE.test(format!));
  assert.ok(files.length > 80, `${files.length} files`);
  const gdal = new GdalReader();
  t.after(() => gdal.close());
  let compared = 0;
  const odd: string[] = [];
  // A few of each kind: every one takes a process.
  const some = [...Map.groupBy(files, ([, , format]) => format!)].flatMap(([, all]) =>
    all.filter((_, i) => i % Math.ceil(all.length / 5) === 0),
  );
  for (const [, file] of some) {
    const folder = temporaryFolder(t);
    const stem = basename(file!, extname(file!));
    for (const name of readdirSync(join(data, dirname(file!)))) {
      const from = join(data, dirname(file!), name);
      if (name.startsWith(stem) && statSync(from).isFile()) cpSync(from, join(folder, name));
    }
    const path = join(folder, basename(file!));
    const theirs = await gdal.read(path);
    if (theirs === null) continue;
    const found = await afterCommand(path);
    if (found.status !== 0) continue;
    const wanted = countsOf(theirs);
    compared++;
    // Going through layers of GML, GDAL may pass over features that it counts.
    const counted = theirs.layers.reduce((sum, { count }) => sum + count, 0);
    const isSame = found.features === wanted.features || found.features === counted;
    if (!isSame || found.polygons !== wanted.polygons)
      odd.push(`${file}: ${JSON.stringify([found, wanted])}`);
  }
  t.diagnostic(`${compared} of ${some.length} files`);
  assert.ok(compared > 15, `${compared} files`);
  assert.deepEqual(odd, []);
});
