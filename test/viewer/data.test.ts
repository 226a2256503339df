/** What the viewer says of a folder, compared with what SQLite reads from its tiles. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { writeScene } from '../../bench/scenes.ts';
import { Random } from '../../src/core/random.ts';
import { serve, type Viewer } from '../../src/index.ts';
import { MAX_CELLS, makeView } from '../../src/viewer/data/grid.ts';
import { StagedIndex } from '../../src/viewer/data/staged-index.ts';
import {
  type Cell,
  cellBounds,
  cellsAlong,
  decodeCell,
  pixelSize,
} from '../../src/viewer/shared/cell-format.ts';
import { type Grid, viewGrid } from '../../src/viewer/shared/grid-format.ts';
import { formatInputSet, parseInputSet } from '../../src/viewer/shared/input-set.ts';
import type {
  Box,
  FeatureDetails,
  FeatureList,
  FeatureSummary,
  FolderInfo,
  TablePage,
  TileInfo,
} from '../../src/viewer/shared/messages.ts';
import { blobRings, readTiles, type TileRow, temporaryFolder } from '../staging/support.ts';
import { boxOfRow, distanceToEdge, isDrawnAt, isInside } from './oracles.ts';
import { stageAgain, stageScenes, tileName } from './support.ts';

suite('of a staged folder', () => {
  const folder = temporaryFolder({ after });
  let input: string;
  let staged: string;
  let viewer: Viewer;
  let info: FolderInfo;
  let rows: TileRow[];
  let tiles: Map<string, TileRow[]>;

  const get = async <T>(path: string): Promise<T> => {
    const response = await fetch(new URL(path, viewer.url));
    assert.equal(response.status, 200, path);
    return (await response.json()) as T;
  };
  const getBytes = async (path: string): Promise<ArrayBuffer> => {
    const response = await fetch(new URL(path, viewer.url));
    assert.equal(response.status, 200, path);
    return response.arrayBuffer();
  };
  const inputOf = (row: TileRow): string => String(row.values['staging_filename']);
  const idOf = (row: TileRow): string => String(row.values['staging_identifier']);
  /** Every other input. */
  const someInputs = (): { text: string; names: Set<string> } => {
    const chosen = info.inputs.map((_, i) => i % 2 === 0);
    const names = info.inputs.filter((_, i) => chosen[i]).map(({ name }) => name);
    return { text: formatInputSet(chosen), names: new Set(names) };
  };
  const boundsOf = async (tile: string) => (await get<TileInfo>(`/data/tile/${tile}`)).bounds;

  after(() => viewer.close());
  before(async () => {
    ({ input, staged } = await stageScenes(folder));
    viewer = await serve(staged, { port: 0 });
    info = await get('/data/folder');
    rows = readTiles(staged);
    tiles = Map.groupBy(rows, tileName);
  });

  test('the folder: tiles, rows, inputs, CRS', () => {
    assert.deepEqual([info.name, info.tms, info.z], ['staged', 'WGS1984Quad', 13]);
    assert.deepEqual([info.tiles, info.rows], [tiles.size, rows.length]);
    assert.ok(tiles.size >= 8, `${tiles.size} tiles`);
    assert.equal(info.inputs.length, 3);
    for (const { name, rows: count, tiles: inTiles } of info.inputs) {
      const own = rows.filter((row) => inputOf(row) === name);
      assert.deepEqual([count, inTiles], [own.length, new Set(own.map(tileName)).size]);
    }
    assert.equal(info.crs.definition.method, null);
    assert.equal(info.problem, null);
  });

  test('the grid: all tiles, of all inputs and of some', async () => {
    const check = (grid: Grid, kept: TileRow[]): void => {
      const counts = Map.groupBy(kept, tileName);
      assert.deepEqual([grid.count, grid.factor, grid.complete], [counts.size, 1, true]);
      for (let c = 0; c < grid.count; c++) {
        const own = counts.get(`13/${grid.x[c]}/${grid.y[c]}`)!;
        assert.equal(grid.rows[c], own.length);
        // Areas on the ground, at 70° north, within what a tile is high.
        const degrees = own.reduce((sum, row) => sum + Number(row.values['staging_area']), 0);
        const y = Number(own[0]!.values['staging_centroid_y']);
        const ground = degrees * 111_560 * 111_413 * Math.cos((y * Math.PI) / 180);
        assert.ok(Math.abs(grid.area[c]! / ground - 1) < 0.005, `${grid.area[c]} ${ground}`);
      }
    };
    check(viewGrid(await getBytes('/data/grid')), rows);
    const { text, names } = someInputs();
    const kept = rows.filter((row) => names.has(inputOf(row)));
    assert.ok(kept.length > 0 && kept.length < rows.length);
    check(viewGrid(await getBytes(`/data/grid?inputs=${text}`)), kept);
    const none = formatInputSet(info.inputs.map(() => false));
    assert.equal(viewGrid(await getBytes(`/data/grid?inputs=${none}`)).count, 0);
    // In a view: those that share more than an edge with it.
    const [first] = tiles.keys();
    const box = await boundsOf(first!);
    const one = viewGrid(await getBytes(`/data/grid?box=${box.join()}`));
    assert.deepEqual([one.count, one.complete], [1, false]);
    assert.equal(`13/${one.x[0]}/${one.y[0]}`, first);
  });

  test('the grid in blocks, where there are more tiles than may be sent', () => {
    const index = new StagedIndex(staged);
    const totals = index.totals({ inputs: null, hidesDuplicates: false }, '');
    const whole = makeView(index, totals, null, MAX_CELLS);
    assert.equal(whole.factor, 1);
    for (const most of [whole.count - 1, 5, 1]) {
      const grid = makeView(index, totals, null, most);
      assert.ok(grid.count <= most && grid.factor >= 2, `${grid.count} of ${most}`);
      const sums = new Map<string, [rows: number, tiles: number]>();
      for (let c = 0; c < whole.count; c++) {
        const key = [whole.x[c]!, whole.y[c]!].map((n) => n - (n % grid.factor)).join('/');
        const [sum, count] = sums.get(key) ?? [0, 0];
        sums.set(key, [sum + whole.rows[c]!, count + 1]);
      }
      assert.equal(grid.count, sums.size);
      for (let c = 0; c < grid.count; c++) {
        const found = [grid.rows[c]!, grid.tiles[c]!];
        assert.deepEqual(found, sums.get(`${grid.x[c]}/${grid.y[c]}`));
      }
    }
  });

  test('the table: sorted, by pages, around a tile', async () => {
    const { text, names } = someInputs();
    const kept = Map.groupBy(
      rows.filter((row) => names.has(inputOf(row))),
      tileName,
    );
    const all = await get<TablePage>(`/data/table?sort=rows&order=desc&limit=500&inputs=${text}`);
    assert.equal(all.total, kept.size);
    const names13 = all.rows.map(({ x, y }) => `13/${x}/${y}`);
    assert.deepEqual([...names13].sort(), [...kept.keys()].sort());
    for (const [i, row] of all.rows.entries()) {
      const own = kept.get(names13[i]!)!;
      assert.deepEqual([row.rows, row.inputs], [own.length, new Set(own.map(inputOf)).size]);
      if (i > 0) assert.ok(row.rows <= all.rows[i - 1]!.rows);
    }
    for (const sort of ['area', 'density', 'inputs'] as const) {
      const page = await get<TablePage>(`/data/table?sort=${sort}&limit=500`);
      const values = page.rows.map((row) => row[sort]);
      assert.deepEqual(
        values,
        [...values].sort((a, b) => a - b),
        sort,
      );
    }
    const { x, y } = all.rows[4]!;
    const around = `/data/table?sort=rows&order=desc&limit=3&around=${x},${y}&inputs=${text}`;
    const page = await get<TablePage>(around);
    assert.deepEqual([page.offset, page.rows], [3, all.rows.slice(3, 6)]);
  });

  test('cells: every polygon, drawn or counted, where it is', async () => {
    const [name, own] = [...tiles].sort(([, a], [, b]) => b.length - a.length)[0]!;
    const bounds = await boundsOf(name);
    for (const level of [0, 2, 4]) {
      const pixel = pixelSize(info.matrix.spanX, level);
      const side = cellsAlong(bounds[2] - bounds[0], pixel);
      assert.equal(side, 2 ** Math.max(0, level - 2));
      const drawn = new Set<number>();
      let leftOut = 0;
      for (let k = 0; k < side * side; k++) {
        const [i, j] = [k % side, Math.floor(k / side)];
        const cell = decodeCell(await getBytes(`/data/cell/${name}/${level}/${i}/${j}`));
        leftOut += cell.leftOut;
        for (const fid of cell.fids) drawn.add(fid);
        checkOutlines(cell, cellBounds(bounds, pixel, i, j), pixel, own);
      }
      for (const row of own) {
        const box = boxOfRow(row);
        const size = Math.max(box[2] - box[0], box[3] - box[1]) / pixel;
        // Boxes of the tree are in single precision: about two metres here.
        const slack = 4e-5 / pixel;
        if (size > 1.3 + slack) assert.ok(drawn.has(row.fid), `${level}: ${size}`);
        if (size < 1.2 - slack) assert.ok(!drawn.has(row.fid), `${level}: ${size}`);
      }
      assert.ok(drawn.size + leftOut >= own.length * 0.9, `${drawn.size} + ${leftOut}`);
      assert.ok(drawn.size + leftOut <= own.length, `${drawn.size} + ${leftOut}`);
      if (level === 4) assert.equal(drawn.size, own.length);
    }
  });

  /** Every vertex is one of the polygon's own, to a sixteenth of a pixel, or lies beyond the cell. */
  function checkOutlines(cell: Cell, box: Box, pixel: number, own: TileRow[]): void {
    const byFid = new Map(own.map((row) => [row.fid, row]));
    let ring = 0;
    let vertex = 0;
    for (let p = 0; p < cell.polygons; p++) {
      const points = blobRings(byFid.get(cell.fids[p]!)!.geometry).flat();
      for (; ring < cell.rings[p]!; ring++) {
        for (; vertex < cell.ends[ring]!; vertex++) {
          const x = box[0] + (cell.xy[2 * vertex]! / 16) * pixel;
          const y = box[3] - (cell.xy[2 * vertex + 1]! / 16) * pixel;
          if (x < box[0] || x > box[2] || y < box[1] || y > box[3]) continue;
          const nearest = Math.min(...points.map((at) => Math.hypot(at[0]! - x, at[1]! - y)));
          assert.ok(nearest < 0.06 * pixel, `${nearest / pixel} pixels`);
        }
      }
    }
    assert.equal(ring, cell.ends.length);
    assert.equal(2 * vertex, cell.xy.length);
  }

  test('polygons larger than a cell are whole, cell by cell', async () => {
    const random = new Random(17);
    const [name, own] = [...tiles].sort(([, a], [, b]) => b.length - a.length)[0]!;
    const bounds = await boundsOf(name);
    const level = 8;
    const pixel = pixelSize(info.matrix.spanX, level);
    const side = cellsAlong(bounds[2] - bounds[0], pixel);
    const cells = new Map<string, Cell>();
    let inside = 0;
    let checked = 0;
    for (const row of own.slice(0, 8)) {
      const box = boxOfRow(row);
      for (let k = 0; k < 40; k++) {
        const x = box[0] + random.next() * (box[2] - box[0]);
        const y = box[1] + random.next() * (box[3] - box[1]);
        const i = Math.floor(((x - bounds[0]) / (bounds[2] - bounds[0])) * side);
        const j = Math.floor(((bounds[3] - y) / (bounds[3] - bounds[1])) * side);
        if (i < 0 || j < 0 || i >= side || j >= side) continue;
        if (distanceToEdge(row, x, y) < pixel) continue;
        const path = `/data/cell/${name}/${level}/${i}/${j}`;
        const cell = cells.get(path) ?? decodeCell(await getBytes(path));
        cells.set(path, cell);
        const corner = cellBounds(bounds, pixel, i, j);
        const at = [((x - corner[0]) / pixel) * 16, ((corner[3] - y) / pixel) * 16] as const;
        const expected = isInside(row, x, y);
        assert.equal(isDrawnAt(cell, row.fid, ...at), expected);
        checked++;
        if (expected) inside++;
      }
    }
    assert.ok(cells.size > 12 && inside > 100 && checked - inside > 20, `${cells.size} ${inside}`);
  });

  test('cells of some inputs', async () => {
    const { text, names } = someInputs();
    for (const [name, own] of tiles) {
      const cell = decodeCell(await getBytes(`/data/cell/${name}/2/0/0?inputs=${text}`));
      const expected = own.filter((row) => names.has(inputOf(row))).map(({ fid }) => fid);
      assert.deepEqual([...cell.fids], expected, name);
    }
  });

  test('copies have the same id in every tile', async () => {
    const ids = new Map<string, Set<number>>();
    for (const [name, own] of tiles) {
      const cell = decodeCell(await getBytes(`/data/cell/${name}/2/0/0`));
      for (const row of own) {
        const id = cell.ids[cell.fids.indexOf(row.fid)]!;
        ids.set(idOf(row), (ids.get(idOf(row)) ?? new Set()).add(id));
      }
    }
    assert.ok([...ids.values()].every(({ size }) => size === 1));
    assert.equal(new Set([...ids.values()].flatMap((set) => [...set])).size, ids.size);
  });

  test('what is at a point: the even-odd rule on whole polygons', async () => {
    const random = new Random(5);
    let hits = 0;
    for (const [name, own] of [...tiles].slice(0, 6)) {
      const [west, south, east, north] = await boundsOf(name);
      for (let k = 0; k < 25; k++) {
        // Half of them near a polygon's middle.
        const near = k % 2 === 0 ? boxOfRow(own[random.integer(own.length)]!) : null;
        const x = near === null ? west + random.next() * (east - west) : (near[0] + near[2]) / 2;
        const y = near === null ? south + random.next() * (north - south) : (near[1] + near[3]) / 2;
        const expected = own.filter((row) => isInside(row, x, y)).map(({ fid }) => fid);
        const found = await get<FeatureSummary[]>(`/data/at/${name}?point=${x},${y},0,0`);
        assert.deepEqual(found.map(({ fid }) => fid).sort(), expected.sort());
        hits += expected.length;
      }
    }
    assert.ok(hits > 40, `${hits} hits`);
  });

  test('a feature: its attributes, its outline, its copies', async () => {
    const byId = Map.groupBy(rows, idOf);
    const crossing = [...byId.values()].filter((copies) => copies.length > 1);
    assert.ok(crossing.length > 5);
    const single = [...byId.values()].filter((copies) => copies.length === 1).slice(0, 10);
    for (const copies of [...crossing, ...single]) {
      const row = copies[0]!;
      const feature = await get<FeatureDetails>(`/data/feature/${tileName(row)}/${row.fid}`);
      const within = row.values['staging_centroid_within_tile'] === 1;
      const values = { ...row.values, staging_centroid_within_tile: within };
      assert.deepEqual(Object.fromEntries(feature.attributes), values);
      assert.deepEqual(
        feature.outline,
        blobRings(row.geometry).map((ring) => ring.slice(0, -1).flat()),
      );
      assert.deepEqual(feature.bounds, boxOfRow(row));
      const others = feature.copies.map(({ x, y, fid }) => `13/${x}/${y} ${fid}`);
      const expected = copies.slice(1).map((copy) => `${tileName(copy)} ${copy.fid}`);
      assert.deepEqual(others.sort(), expected.sort());
    }
    // By its identifier, if the key has become another row's.
    const [a, b] = tiles.values().find((own) => own.length > 2)!;
    const moved = await get<FeatureDetails>(
      `/data/feature/${tileName(a!)}/${a!.fid}?id=${idOf(b!)}`,
    );
    assert.equal(moved.fid, b!.fid);
    const gone = await fetch(new URL(`/data/feature/${tileName(a!)}/1?id=none`, viewer.url));
    assert.equal(gone.status, 404);
  });

  test('the list of a view: the largest, each once', async () => {
    const boxes = await Promise.all([...tiles.keys()].slice(0, 4).map(boundsOf));
    const view: Box = [
      Math.min(...boxes.map((box) => box[0])),
      Math.min(...boxes.map((box) => box[1])),
      Math.max(...boxes.map((box) => box[2])),
      Math.max(...boxes.map((box) => box[3])),
    ];
    const list = await get<FeatureList>(`/data/list?box=${view.join()}&limit=20`);
    assert.equal(list.features.length, 20);
    assert.equal(new Set(list.features.map(({ identifier }) => identifier)).size, 20);
    const sizes = list.features.map(({ bounds: [a, b, c, d] }) => (c - a) * (d - b));
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => b - a),
    );
    assert.ok(list.total > 20 && !list.tooMany);
  });

  test('what is staged later is there after the next look at the version', async () => {
    const { version } = await get<{ version: number }>('/data/version');
    writeScene(join(input, 'later.gpkg'), {
      seed: 9,
      polygons: 50,
      originX: -2_049_035,
      originY: 665_768,
      width: 2000,
      height: 2000,
    });
    await stageAgain(input, staged);
    const { version: next } = await get<{ version: number }>('/data/version');
    assert.ok(next > version);
    assert.equal((await get<{ version: number }>('/data/version')).version, next);
    const now = await get<FolderInfo>('/data/folder');
    assert.deepEqual([now.inputs.length, now.rows], [4, readTiles(staged).length]);
    // A tile that is open already was replaced: the new one is read.
    const changed = readTiles(staged).find((row) => inputOf(row) === 'later.gpkg')!;
    const path = `/data/feature/${tileName(changed)}/${changed.fid}`;
    const feature = await get<FeatureDetails>(path);
    assert.equal(feature.input, 'later.gpkg');
  });
});

test('choices of inputs as text', () => {
  const random = new Random(3);
  for (const count of [0, 1, 7, 8, 9, 1000]) {
    const chosen = Array.from({ length: count }, () => random.next() < 0.5);
    const text = formatInputSet(chosen);
    assert.match(text, /^[\w-]+$/);
    assert.deepEqual(parseInputSet(text, count), chosen);
  }
  assert.equal(formatInputSet(null), '');
  assert.equal(parseInputSet('', 5), null);
  for (const text of ['AA', 'A', '..', 'AAA=', '💥']) {
    assert.equal(parseInputSet(text, 20), undefined, text);
  }
});
