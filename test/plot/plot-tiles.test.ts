/** Maps of staged scenes: what is on them, where, and that they stay the same. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import {
  getTileMatrixSet,
  type PlotColor,
  plotTiles,
  TileStager,
  TilewrightError,
} from '../../src/index.ts';
import { listTiles, readTiles, temporaryFolder } from '../staging/support.ts';
import { decodePng } from './decode-png.ts';
import { readSvg, type SvgBox, type SvgParts, stageScene } from './scene.ts';

const RADIANS = Math.PI / 180;
/** Degrees, Mercator, and a polar projection. */
const SETS = [
  ['WGS1984Quad', 7],
  ['WebMercatorQuad', 7],
  ['UPSArcticWGS84Quad', 7],
] as const;

suite('maps', () => {
  const folder = temporaryFolder({ after });
  const stagers = new Map<string, TileStager>();
  const svgOf = async (tms: string, options: object = {}): Promise<string> => {
    const { image } = await plotTiles(stagers.get(tms)!, { format: 'svg', ...options });
    return new TextDecoder().decode(image);
  };

  before(async () => {
    for (const [tms, z] of SETS) stagers.set(tms, await stageScene(folder, tms, z));
  });

  test('counts polygons once, and all tiles', async () => {
    for (const [tms] of SETS) {
      const rows = readTiles(join(folder, tms));
      const all = new Set(rows.map(({ values }) => values['staging_identifier']));
      assert.ok(rows.length > all.size, 'some are in several tiles');
      const plot = await plotTiles(stagers.get(tms)!, { format: 'svg', tiles: Infinity });
      assert.equal(plot.polygons, all.size);
      assert.equal(plot.tiles, listTiles(join(folder, tms)).length);
      assert.equal(plot.title, `${plot.tiles} tiles, ${all.size} polygons`);
      const part = await plotTiles(stagers.get(tms)!, { format: 'svg', tiles: 3 });
      assert.match(part.title, new RegExp(`^3 of ${plot.tiles} tiles, \\d+ polygons$`));
      assert.equal(part.tilesTotal, plot.tiles);
      const svg = new TextDecoder().decode(part.image);
      const names = readSvg(svg).texts.filter(({ onMap }) => onMap);
      assert.equal(names.length, 3);
      const inThem = rows.filter(({ tile }) =>
        names.some(({ text }) => tile.endsWith(`${text.split('/').slice(-2).join('/')}.gpkg`)),
      );
      const ids = new Set(inThem.map(({ values }) => values['staging_identifier']));
      assert.equal(part.polygons, ids.size);
    }
  });

  test('nothing is cut off, and no text is on another', async () => {
    for (const [tms] of SETS) {
      for (const color of ['random', 'count', 'area', 'input'] as PlotColor[]) {
        for (const tiles of [1, 4, 92]) {
          const parts = readSvg(await svgOf(tms, { color, tiles }));
          const { texts, rects, frames, width, height } = parts;
          assert.ok(texts.length >= 6 && frames.length > 1);
          for (const box of [...texts, ...rects, ...frames]) {
            const inside =
              box.x >= 0 &&
              box.y >= 0 &&
              box.x + box.width <= width + 0.01 &&
              box.y + box.height <= height + 0.01;
            assert.ok(inside, `${tms} ${color} ${tiles}: ${JSON.stringify(box)}`);
          }
          for (const [i, a] of texts.entries()) {
            for (const b of texts.slice(0, i)) {
              assert.ok(!overlap(a, b), `${tms} ${color}: ${a.text} and ${b.text}`);
            }
          }
          const map = frames.at(-1)!;
          for (const frame of frames.slice(0, -1)) assert.ok(contains(map, frame), 'tiles in map');
          for (const name of texts.filter(({ onMap }) => onMap)) {
            assert.equal(frames.slice(0, -1).filter((tile) => contains(tile, name)).length, 1);
          }
        }
      }
    }
  });

  test('tiles are where their coordinates say, true to scale', async () => {
    for (const [tms, z] of SETS) {
      const parts = readSvg(await svgOf(tms, { tiles: 92 }));
      const matrix = getTileMatrixSet(tms).matrix(z);
      const placed = placedTiles(parts);
      const [first] = placed;
      const [west, , , north] = matrix.bounds(first!.x, first!.y);
      const perUnitX = first!.box.width / matrix.spanX;
      const perUnitY = first!.box.height / matrix.spanY;
      for (const { x, y, box } of placed) {
        const bounds = matrix.bounds(x, y);
        near(box.x, first!.box.x + (bounds[0] - west) * perUnitX, 0.5);
        near(box.y, first!.box.y + (north - bounds[3]) * perUnitY, 0.5);
      }
      const map = parts.frames.at(-1)!;
      const middleY = north - (map.y + map.height / 2 - first!.box.y) / perUnitY;
      const isDegrees = tms === 'WGS1984Quad';
      const aspect = isDegrees ? Math.cos(middleY * RADIANS) : 1;
      near(perUnitX / perUnitY / aspect, 1, 0.003);

      // The bar: as long as its label says, by the length of a unit at the middle of the map.
      const label = parts.texts.find(({ text }) => / at the middle of the map, /.test(text))!;
      const [, meters, latitude] = /^(\d+) km at .* ([\d.]+)° N$/.exec(label.text)!.map(Number);
      const bar = parts.rects.filter(
        ({ y }) => Math.abs(y - label.y) < 16 && y > map.y + map.height,
      );
      const length = Math.max(...bar.map(({ width }) => width));
      near((meters! * 1000) / metersOfUnit(tms, latitude!) / (length / perUnitX), 1, 0.004);
      assert.ok(length >= 40 && length < map.width);
      if (isDegrees) near(latitude!, middleY, 0.06);
    }
  });

  test('the same options and seed give the same bytes, another seed other colours', async () => {
    for (const format of ['svg', 'png'] as const) {
      const stager = stagers.get('WGS1984Quad')!;
      const [a, b, c] = await Promise.all(
        [1, 1, 2].map((seed) => plotTiles(stager, { format, seed, tiles: 4 })),
      );
      assert.deepEqual(a!.image, b!.image);
      assert.notDeepEqual(a!.image, c!.image);
      const inputs = [1, 2].map((seed) => plotTiles(stager, { format, seed, color: 'input' }));
      const [d, e] = await Promise.all(inputs);
      assert.deepEqual(d!.image, e!.image);
    }
    const colors = async (tiles: number): Promise<string[]> =>
      [...(await svgOf('WebMercatorQuad', { tiles })).matchAll(/<g [^>]*fill="(#\w+)"/g)].map(
        ([, color]) => color!,
      );
    const few = await colors(3);
    assert.equal(new Set(few).size, 3);
    assert.deepEqual((await colors(6)).slice(0, 3), few, 'a tile keeps its colour');
  });

  test('each feature once for each tile that holds it', async () => {
    const svg = await svgOf('UPSArcticWGS84Quad', { tiles: Infinity });
    const rows = readTiles(join(folder, 'UPSArcticWGS84Quad'));
    const rings = rows
      .map(({ values }) => values['kind'])
      .filter((kind) => kind === 'small').length;
    const paths = [...svg.matchAll(/<path (?:transform="[^"]*" )?d="([^"]*)"\/>/g)].map(
      ([, path]) => path!,
    );
    // The others have two rings each, but for the one that crosses itself.
    const odd = rows.filter(({ values }) => values['kind'] === 'odd');
    const more = odd.reduce((sum, { geometry }) => sum + (geometry.length < 500 ? 1 : 2), 0);
    assert.equal(paths.join('').match(/M/g)!.length, rings + more);
  });

  test('PNG and SVG show the same, the PNG in twice as many dots', async () => {
    const stager = stagers.get('UPSArcticWGS84Quad')!;
    const { image, width, height } = await plotTiles(stager);
    const picture = decodePng(image);
    const parts = readSvg(await svgOf('UPSArcticWGS84Quad'));
    assert.deepEqual([picture.width, picture.height], [width, height]);
    assert.deepEqual([width, height], [2 * parts.width, 2 * parts.height]);
    assert.equal(picture.dotsPerMeter, 7559);
    const dot = (x: number, y: number): number[] => {
      const at = 4 * (Math.round(2 * y) * width + Math.round(2 * x));
      return [...picture.rgba.subarray(at, at + 3)];
    };
    assert.deepEqual(dot(2, 2), [255, 255, 255]);
    for (const { x, y, width: w } of parts.frames) {
      const [border, ground] = [dot(x + w / 2, y), dot(x + w / 2, y - 3)];
      assert.ok(Math.hypot(...border.map((value, k) => value - ground[k]!)) > 40);
    }
    // Letters: dark dots within the boxes of all texts.
    for (const { text, x, y, width: w, height: h } of parts.texts) {
      let dark = 0;
      for (let i = 0; i < w; i += 0.5) {
        for (let k = 0; k < h; k += 0.5) if (Math.max(...dot(x + i, y + k)) < 130) dark++;
      }
      assert.ok(dark > 3 * text.length, `${text}: ${dark}`);
    }
  });

  test('legends: ends of the scale, names of inputs', async () => {
    const counts = readSvg(await svgOf('WGS1984Quad', { color: 'count' })).texts.map((t) => t.text);
    const from = counts.indexOf('Polygons in a tile');
    const ticks = counts.slice(from + 1).map(Number);
    const rows = readTiles(join(folder, 'WGS1984Quad'));
    const perTile = [...Map.groupBy(rows, ({ tile }) => tile).values()].map((all) => all.length);
    assert.ok(ticks.length >= 3 && Math.min(...ticks) <= Math.min(...perTile));
    assert.ok(Math.max(...ticks) >= Math.max(...perTile));
    const area = readSvg(await svgOf('WebMercatorQuad', { color: 'area' })).texts.map(
      (t) => t.text,
    );
    const scale = area.slice(area.indexOf('Area of polygons, km²') + 1).map(number);
    const matrix = getTileMatrixSet('WebMercatorQuad').matrix(7);
    const areas = Map.groupBy(readTiles(join(folder, 'WebMercatorQuad')), ({ tile }) => tile);
    const ground = [...areas].map(([tile, all]) => {
      const [x, y] = tile.match(/\d+/g)!.slice(-2).map(Number) as [number, number];
      const [, south, , north] = matrix.bounds(x, y);
      const latitude = Math.atan(Math.sinh((south + north) / 2 / 6_378_137)) / RADIANS;
      const sum = all.reduce((total, { values }) => total + Number(values['staging_area']), 0);
      return (sum * metersOfUnit('WebMercatorQuad', latitude) ** 2) / 1e6;
    });
    const [last, beforeLast] = scale.sort((a, b) => b - a) as [number, number];
    assert.ok(Math.max(...ground) <= last && Math.max(...ground) > beforeLast, `${ground}`);
    const svg = await svgOf('WGS1984Quad', { color: 'input' });
    assert.ok(
      svg.includes('>a &amp; &lt;b&gt;.gpkg</text>') && svg.includes('>клинья.gpkg</text>'),
    );
    const groups = [...svg.matchAll(/<g clip-path[^>]*fill="(#\w+)"/g)].map(([, color]) => color);
    assert.equal(new Set(groups).size, 2);
  });

  test('without the grid there are neither borders nor names', async () => {
    const { frames, texts } = readSvg(await svgOf('WGS1984Quad', { grid: false }));
    assert.equal(frames.length, 1);
    assert.ok(texts.every(({ onMap }) => !onMap));
  });

  test('thousands of polygons below a pixel: an image with their area, of bounded size', async () => {
    const many = await stageScene(join(folder, 'many'), 'UPSArcticWGS84Quad', 5, 20_000, 150);
    const plot = await plotTiles(many, { format: 'svg', tiles: Infinity });
    const svg = new TextDecoder().decode(plot.image);
    assert.equal(plot.polygons, 20_003);
    assert.ok(svg.length < 1_500_000, `${svg.length}`);
    const pictures = [...svg.matchAll(/<image [^>]*base64,([^"]+)"/g)].map(([, data]) =>
      decodePng(Buffer.from(data!, 'base64')),
    );
    assert.ok(pictures.length > 0);
    const covered = pictures.reduce((sum, { rgba }) => {
      for (let i = 3; i < rgba.length; i += 4) sum += rgba[i]! / 255;
      return sum;
    }, 0);
    const matrix = getTileMatrixSet('UPSArcticWGS84Quad').matrix(5);
    const dotsPerMeter = (2 * placedTiles(readSvg(svg))[0]!.box.width) / matrix.spanX;
    const area = readTiles(join(folder, 'many/UPSArcticWGS84Quad'))
      .filter(({ values }) => values['kind'] === 'small')
      .reduce((sum, { values }) => sum + Number(values['staging_area']), 0);
    // Sixteen levels, and parts that lie on others.
    near(covered / (area * dotsPerMeter ** 2), 1, 0.15);
  });

  test('notebooks get a picture', async () => {
    for (const [format, type] of [
      ['png', 'image/png'],
      ['svg', 'image/svg+xml'],
    ] as const) {
      const plot = await plotTiles(stagers.get('WGS1984Quad')!, { format, tiles: 2 });
      const show = (plot as unknown as Record<symbol, () => Record<string, string>>)[
        Symbol.for('Jupyter.display')
      ]!;
      const shown = show();
      assert.equal(shown['text/plain'], plot.title);
      const bytes = format === 'png' ? Buffer.from(shown[type]!, 'base64') : shown[type];
      assert.deepEqual(Buffer.from(bytes!), Buffer.from(plot.image));
    }
  });

  test('errors say what is wrong and what to do', async () => {
    const fails = (options: object, code: string, message: RegExp, stager?: TileStager) =>
      assert.rejects(plotTiles(stager ?? stagers.get('WGS1984Quad')!, options), (error) => {
        assert.ok(error instanceof TilewrightError);
        assert.equal(error.code, code);
        assert.match(error.message, message);
        return true;
      });
    await fails(
      { output: 'map.gif' },
      'usage',
      /map\.gif has the extension \.gif: .*\.png or \.svg/,
    );
    await fails({ output: 'map' }, 'usage', /map has no extension/);
    await fails({ tiles: 0 }, 'usage', /tiles must be a whole number ≥ 1 or Infinity, not 0/);
    await fails({ seed: 0.5 }, 'usage', /seed must be a whole number/);
    await fails({ color: 'green' }, 'usage', /color must be random or count or area or input/);
    await fails({ tilse: 3 }, 'usage', /^tilse is not a known option\. Did you mean tiles\?$/);
    await fails(
      { xyz: 3 },
      'usage',
      /^xyz is not a known option\. There are output, format, tiles/,
    );
    await fails(
      { output: 'map.PNG', format: 'svg' },
      'usage',
      /format svg does not go with map\.PNG/,
    );
    await fails('map.png' as never, 'usage', /^Options must be an object, not "map\.png"$/);
    const lost = join(folder, 'no/such/folder/map.png');
    await fails(
      { output: lost },
      'output-unwritable',
      /map\.png can't be written: there is no folder .*no.such.folder$/,
    );

    const nothing = new TileStager({ dirStaged: join(folder, 'nothing') });
    await fails({}, 'staged-folder', /nothing is not there, so there are no tiles/, nothing);
    mkdirSync(join(folder, 'nothing'));
    await fails({}, 'staged-folder', /nothing has no journal: it is no staged folder/, nothing);

    const emptied = await stageScene(join(folder, 'emptied'), 'WGS1984Quad', 3, 5);
    const [tile] = listTiles(join(folder, 'emptied/WGS1984Quad'));
    rmSync(join(folder, 'emptied/WGS1984Quad', tile!));
    await fails({}, 'staged-folder', /is not there, though the journal .*--force/, emptied);
    rmSync(join(folder, 'emptied/input'), { recursive: true });
    mkdirSync(join(folder, 'emptied/input'));
    const pruned = new TileStager({ ...emptied.config.values, prune: true });
    await pruned.stageAll();
    await fails({}, 'staged-folder', /has no tiles: nothing has been staged/, pruned);
  });
});

/** Tiles by the names that are written into them. */
function placedTiles({ texts, frames }: SvgParts): { x: number; y: number; box: SvgBox }[] {
  return texts
    .filter(({ onMap }) => onMap)
    .map((name) => {
      const [x, y] = name.text.split('/').slice(-2).map(Number) as [number, number];
      return { x, y, box: frames.slice(0, -1).find((frame) => contains(frame, name))! };
    });
}

/** Metres on the ground of a unit of x at a latitude: see scale.test.ts for where they are from. */
function metersOfUnit(tms: string, latitude: number): number {
  const f = latitude * RADIANS;
  const e2 = 0.00669438;
  if (tms === 'WGS1984Quad') {
    return 111412.84 * Math.cos(f) - 93.5 * Math.cos(3 * f) + 0.118 * Math.cos(5 * f);
  }
  if (tms === 'WebMercatorQuad') return Math.cos(f) / Math.sqrt(1 - e2 * Math.sin(f) ** 2);
  // On the sphere k = 2 k0 / (1 + sin φ) (Snyder 21-4); the ellipsoid's differs by less than 0.2 %.
  return (1 + Math.sin(f)) / (2 * 0.994);
}

function number(text: string): number {
  return Number(text.replaceAll(',', ''));
}

function near(found: number, expected: number, tolerance: number): void {
  assert.ok(Math.abs(found - expected) <= tolerance, `${found}, expected ${expected}`);
}

function overlap(a: SvgBox, b: SvgBox): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function contains(a: SvgBox, b: SvgBox): boolean {
  const slack = 0.02;
  return (
    b.x >= a.x - slack &&
    b.y >= a.y - slack &&
    b.x + b.width <= a.x + a.width + slack &&
    b.y + b.height <= a.y + a.height + slack
  );
}
