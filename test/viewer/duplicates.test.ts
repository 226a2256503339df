/** Duplicates in the viewer, against the labels that are in the tiles and the tiles without them. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { serve, TileStager, type Viewer } from '../../src/index.ts';
import {
  cellBounds,
  cellsAlong,
  decodeCell,
  pixelSize,
} from '../../src/viewer/shared/cell-format.ts';
import { type Grid, viewGrid } from '../../src/viewer/shared/grid-format.ts';
import { formatRowChoice, parseRowChoice } from '../../src/viewer/shared/input-set.ts';
import type {
  FeatureDetails,
  FeatureList,
  FeatureSummary,
  FolderInfo,
  TablePage,
  TileInfo,
} from '../../src/viewer/shared/messages.ts';
import { BY_DATE, featureOf } from '../staging/deduplication/deduplicate-support.ts';
import { blobRings, readTiles, type TileRow, temporaryFolder } from '../staging/support.ts';
import { stageAgain, stageScenes, tileName } from './support.ts';

const HIDDEN = formatRowChoice(null, true);
const ALL = '';

suite('duplicates', () => {
  const folder = temporaryFolder({ after });
  const labelled = join(folder, 'staged');
  const removed = join(folder, 'removed');
  let input: string;
  let rows: TileRow[];
  const viewers = new Map<string, Viewer>();

  const get = async <T>(name: string, path: string): Promise<T> => {
    const response = await fetch(new URL(path, viewers.get(name)!.url));
    assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`);
    return (await response.json()) as T;
  };
  const getBytes = async (name: string, path: string): Promise<ArrayBuffer> => {
    const response = await fetch(new URL(path, viewers.get(name)!.url));
    assert.equal(response.status, 200, path);
    return response.arrayBuffer();
  };
  const isDuplicate = ({ values }: TileRow): boolean => values['staging_duplicated'] === 1;
  const gridOf = async (name: string, inputs: string): Promise<Grid> =>
    viewGrid(await getBytes(name, `/data/grid?inputs=${encodeURIComponent(inputs)}`));
  const listed = ({ count, x, y, rows, area }: Grid) =>
    Array.from({ length: count }, (_, c) => [x[c], y[c], rows[c], Math.round(area[c]!)]).filter(
      ([, , tileRows]) => tileRows! > 0,
    );

  after(async () => {
    for (const viewer of viewers.values()) await viewer.close();
  });
  before(async () => {
    ({ input } = await stageScenes(folder, BY_DATE));
    await stageAgain(input, removed, { ...BY_DATE, duplicates: 'remove' });
    await stageAgain(input, join(folder, 'plain'));
    for (const name of ['staged', 'removed', 'plain']) {
      viewers.set(name, await serve(join(folder, name), { port: 0 }));
    }
    rows = readTiles(labelled);
    assert.ok(rows.filter(isDuplicate).length > 50);
  });

  test('are counted by input and reason, labelled or left out', async () => {
    const expected = new Map<string, Set<string>>();
    for (const row of rows.filter(isDuplicate)) {
      const name = String(row.values['staging_filename']);
      expected.set(name, (expected.get(name) ?? new Set()).add(featureOf(row)));
    }
    for (const [name, column] of [
      ['staged', 'staging_duplicated'],
      ['removed', null],
    ] as const) {
      const { duplicates } = await get<FolderInfo>(name, '/data/folder');
      assert.deepEqual([duplicates!.column, duplicates!.isJudged], [column, true]);
      const counts = Object.entries(duplicates!.counts)
        .map(([input, reasons]) => [input, reasons['duplicate of another'] ?? 0] as const)
        .filter(([, count]) => count > 0);
      assert.deepEqual(new Map(counts), new Map([...expected].map(([k, v]) => [k, v.size])));
    }
    assert.equal((await get<FolderInfo>('plain', '/data/folder')).duplicates, null);
  });

  test('hidden, everything is as where they are left out', async () => {
    const hidden = await gridOf('staged', HIDDEN);
    assert.deepEqual(listed(hidden), listed(await gridOf('removed', ALL)));
    assert.deepEqual(listed(await gridOf('staged', ALL)), listed(await gridOf('plain', ALL)));
    const query = 'sort=tile&limit=100';
    const [with1, without] = await Promise.all([
      get<TablePage>('staged', `/data/table?${query}&inputs=${HIDDEN}`),
      get<TablePage>('removed', `/data/table?${query}`),
    ]);
    const plain = ({ rows: all }: TablePage) =>
      all.map(({ x, y, rows, inputs }) => [x, y, rows, inputs]);
    assert.deepEqual(plain(with1), plain(without));
    let most = '';
    let least = 0;
    for (const [tile, own] of Map.groupBy(rows, tileName)) {
      if (own.every(isDuplicate)) continue;
      const stay = own.filter((row) => !isDuplicate(row));
      if (own.length - stay.length > least) [most, least] = [tile, own.length - stay.length];
      const info = await get<TileInfo>('staged', `/data/tile/${tile}?inputs=${HIDDEN}`);
      assert.equal(info.rows, stay.length);
      assert.equal(
        info.rows,
        info.shares.reduce((sum, share) => sum + share.rows, 0),
      );
      const box = `box=${info.bounds.join()}&limit=200`;
      const ids = async (name: string, inputs: string) =>
        new Set(
          (await get<FeatureList>(name, `/data/list?${box}&inputs=${inputs}`)).features.map(
            ({ identifier }) => identifier,
          ),
        );
      assert.deepEqual(await ids('staged', HIDDEN), await ids('removed', ALL));
    }
    assert.ok(least > 3);
    const own = rows.filter((row) => tileName(row) === most);
    const { bounds } = await get<TileInfo>('staged', `/data/tile/${most}`);
    // A level at which the tile is cut into cells, of which each polygon is in one at least.
    const pixel = pixelSize(bounds[2] - bounds[0], 4);
    const found = new Map<string, Set<number>>();
    for (const inputs of [ALL, HIDDEN]) {
      const fids = new Set<number>();
      for (let i = 0; i < cellsAlong(bounds[2] - bounds[0], pixel); i++) {
        for (let j = 0; j < cellsAlong(bounds[3] - bounds[1], pixel); j++) {
          assert.ok(cellBounds(bounds, pixel, i, j)[0] < bounds[2]);
          const path = `/data/cell/${most}/4/${i}/${j}?by=staging_duplicated&inputs=${inputs}`;
          const cell = decodeCell(await getBytes('staged', path));
          for (const [p, fid] of cell.fids.entries()) {
            fids.add(fid);
            const label = cell.labels![cell.values[p]!];
            assert.equal(label, isDuplicate(own[fid - 1]!) ? 'yes' : 'no');
          }
        }
      }
      found.set(inputs, fids);
    }
    const visible = [...found.get(ALL)!];
    assert.ok(visible.some((fid) => isDuplicate(own[fid - 1]!)));
    assert.deepEqual(
      found.get(HIDDEN),
      new Set(visible.filter((fid) => !isDuplicate(own[fid - 1]!))),
    );
  });

  test('one is not hit when it is hidden, and says so when it is not', async () => {
    let hits = 0;
    for (const row of rows.filter(isDuplicate).slice(0, 20)) {
      const [[x = 0, y = 0] = []] = blobRings(row.geometry)[0]!;
      const path = `/data/at/${tileName(row)}?point=${x},${y},1e-5,1e-5`;
      const id = row.values['staging_identifier'];
      const all = await get<FeatureSummary[]>('staged', `${path}&inputs=`);
      const others = await get<FeatureSummary[]>('staged', `${path}&inputs=${HIDDEN}`);
      assert.ok(others.every(({ identifier }) => identifier !== id));
      const hit = all.find(({ identifier }) => identifier === id);
      if (hit === undefined) continue;
      hits++;
      const details = await get<FeatureDetails>(
        'staged',
        `/data/feature/${tileName(row)}/${hit.fid}`,
      );
      assert.deepEqual(details.attributes.at(-1), ['staging_duplicated', true]);
    }
    assert.ok(hits > 0);
  });

  test('are read again when they are judged anew, and when labels are taken off', async () => {
    const look = (name: string) => get<FolderInfo>(name, '/data/folder');
    const before = await look('plain');
    const again = (config: object) =>
      new TileStager({
        dirStaged: join(folder, 'plain'),
        executor: 'inline',
        ...config,
      }).deduplicate();
    await again(BY_DATE);
    const after = await look('plain');
    assert.ok(after.version > before.version);
    assert.deepEqual(after.duplicates, (await look('staged')).duplicates);
    assert.deepEqual(listed(await gridOf('plain', HIDDEN)), listed(await gridOf('removed', ALL)));
    await again({ deduplicateMethod: null });
    assert.equal((await look('plain')).duplicates, null);
    // What a link says of labels that are gone changes nothing.
    assert.deepEqual(listed(await gridOf('plain', HIDDEN)), listed(await gridOf('staged', ALL)));
  });

  test('the choice of rows as text', () => {
    for (const count of [1, 8, 9]) {
      for (const hidesDuplicates of [true, false]) {
        for (const inputs of [null, Array.from({ length: count }, (_, i) => i % 2 === 0)]) {
          const text = formatRowChoice(inputs, hidesDuplicates);
          assert.deepEqual(parseRowChoice(text, count), { inputs, hidesDuplicates });
        }
      }
    }
    assert.equal(parseRowChoice('!!', 3), undefined);
  });
});
