/** Products of tiles: made once, made again where what they are made of has changed, and only there. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { suite, type TestContext, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { RunProgressState } from '../../src/insight/progress/progress-state.ts';
import { reportText } from '../../src/insight/report/report-text.ts';
import { runReport } from '../../src/insight/run-report.ts';
import type { TaskContext } from '../../src/parallel/inside/call.ts';
import type { ConfigInput } from '../../src/staging/configuration/config-input.ts';
import { Journal } from '../../src/staging/folder/journal/journal.ts';
import type { ProductResult } from '../../src/staging/phases/run-result.ts';
import type { Product } from '../../src/staging/products/product.ts';
import {
  type DeriveArgs,
  type DeriveTile,
  deriveTiles,
} from '../../src/staging/tasks/derive-task.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import { type StageAllResult, TileStager } from '../../src/staging/tile-stager.ts';
import {
  AROUND,
  assertSame,
  checkProducts,
  countRows,
  expectedRows,
  found,
  madeSince,
  ROWS,
} from './counted-rows.ts';
import { layerAt, threeInputs, type Workplace } from './workplace.ts';

const PRODUCTS = [ROWS, AROUND];

interface Derived extends Pick<ProductResult, 'made' | 'kept' | 'removed'> {}

class Place {
  readonly at: Workplace;
  readonly #log: string;

  constructor(t: TestContext) {
    this.at = threeInputs(t);
    this.#log = join(this.at.base, 'made.txt');
    process.env['TILEWRIGHT_MADE'] = this.#log;
    t.after(() => {
      delete process.env['TILEWRIGHT_MADE'];
      delete process.env['TILEWRIGHT_FAIL'];
    });
  }

  stage(
    products: readonly Product[] = PRODUCTS,
    values: ConfigInput = {},
    onProgress?: (event: RunEvent) => void,
  ): Promise<StageAllResult> {
    const { input, staged } = this.at;
    const config = { dirInput: input, dirStaged: staged, executor: 'inline' as const, ...values };
    return new TileStager(config).stageAll({ products, ...(onProgress && { onProgress }) });
  }

  /** Stages; returns counts by product. */
  async derived(
    products = PRODUCTS as readonly Product[],
    values = {},
  ): Promise<Record<string, Derived>> {
    const result = await this.stage(products, values);
    return Object.fromEntries(
      result.products!.map(({ name, made, kept, removed, failed, blocked }) => {
        assert.deepEqual([failed, blocked], [[], 0]);
        return [name, { made, kept, removed }];
      }),
    );
  }

  made(): string[] {
    return madeSince(this.#log);
  }
}

/** x of the tiles of z 13 among these, and how many parents. */
function split(made: readonly string[]): [columns: number[], parents: number] {
  const tiles = made.filter((tile) => tile.startsWith('13/'));
  return [
    tiles.map((tile) => Number(tile.split('/')[1]) - 1216).sort(),
    made.length - tiles.length,
  ];
}

suite('products of tiles', () => {
  test('are made, kept, made again and removed as their tiles are', async (t) => {
    const place = new Place(t);
    const { at } = place;
    // 4 tiles at columns 0, 1, 2 and 4, and their parents down to z 0.
    const all = (): number => expectedRows(at.staged).size;
    assert.deepEqual(await place.derived(), {
      rows: { made: all(), kept: 0, removed: 0 },
      around: { made: 4, kept: 0, removed: 0 },
    });
    checkProducts(at.staged);
    place.made();

    // Nothing to do.
    assert.deepEqual(await place.derived(), {
      rows: { made: 0, kept: all(), removed: 0 },
      around: { made: 0, kept: 4, removed: 0 },
    });
    assert.deepEqual(place.made(), []);

    // One tile changes: its parents do, and what is around it.
    at.write('c.gpkg', layerAt([4], 9));
    await place.derived([ROWS]);
    checkRows(at);
    assert.deepEqual(split(place.made()), [[4], 13]);
    await place.derived([AROUND]);
    assert.deepEqual(split(place.made()), [[4], 0]);
    at.write('a.gpkg', layerAt([0], 7));
    await place.derived([AROUND]);
    // Columns 0 and 1 have changed; 2 is beside 1, and 4 is beside none.
    assert.deepEqual(split(place.made()), [[0, 1, 2], 0]);
    await place.derived();
    checkProducts(at.staged);
    place.made();

    // A tile comes, and one goes: 5 is beside 4.
    at.write('b.gpkg', layerAt([1, 5], 2));
    const later = await place.derived();
    checkProducts(at.staged);
    assert.equal(later['around']!.removed, 1);
    assert.ok(
      !existsSync(join(at.staged, 'around/WGS1984Quad/13/1218')),
      'an empty folder is left',
    );

    // With --prune.
    at.remove('c.gpkg');
    assert.equal((await place.derived())['around']!.removed, 0);
    checkProducts(at.staged);
    assert.equal((await place.derived(PRODUCTS, { prune: true }))['around']!.removed, 1);
    checkProducts(at.staged);

    // All anew.
    assert.equal((await place.derived(PRODUCTS, { force: true }))['around']!.kept, 0);
    checkProducts(at.staged);

    // Other settings: every tile goes, and what was made of it.
    await place.derived(PRODUCTS, { force: true, simplifyTolerance: 1e-6 });
    checkProducts(at.staged);

    await new TileStager({ dirStaged: at.staged }).clean();
    assert.ok(!existsSync(at.staged), 'something is left');
  });

  test('are made again by another version, and where files are gone or have another size', async (t) => {
    const place = new Place(t);
    const { at } = place;
    await place.derived();
    place.made();
    const newer = { ...AROUND, version: 2 };
    await place.derived([ROWS, newer]);
    assert.deepEqual(split(place.made()), [[0, 1, 2, 4], 0]);
    await place.derived([ROWS, { ...newer, extension: '.text' }]);
    assert.deepEqual(split(place.made()), [[0, 1, 2, 4], 0]);
    assert.ok([...found(at.staged, 'around').keys()].every((path) => path.endsWith('.text')));
    await place.derived();
    place.made();
    const tile = join(at.staged, 'around/WGS1984Quad/13/1217/894.txt');
    rmSync(tile);
    rmSync(join(at.staged, 'rows/WGS1984Quad/0'), { recursive: true });
    writeFileSync(join(at.staged, 'rows/WGS1984Quad/13/1216/894.json'), 'something else');
    await place.derived();
    assert.deepEqual(place.made(), ['0/0/0', '13/1216/894', '13/1217/894']);
    checkProducts(at.staged);
    // Of the same size, and noticed by whoever reads it.
    writeFileSync(join(at.staged, 'rows/WGS1984Quad/12/609/447.json'), '99\n');
    at.write('a.gpkg', layerAt([0], 8));
    const [rows] = (await place.stage()).products!;
    assert.deepEqual(
      rows!.failed.map(({ tile }) => tile),
      ['11/304/223'],
    );
    assert.match(rows!.failed[0]!.error.message, /609.447\.json is not as it was made/);
    await place.derived();
    checkProducts(at.staged);
  });

  test('one that fails is named; the others are made, the tiles are there, and the next run goes on', async (t) => {
    const place = new Place(t);
    const { at } = place;
    await place.derived();
    at.write('b.gpkg', layerAt([1, 2], 5));
    process.env['TILEWRIGHT_FAIL'] = '13/1218/894';
    const events: RunEvent[] = [];
    const result = await place.stage(PRODUCTS, {}, (event) => events.push(event));
    const [rows, around] = result.products!;
    assert.equal(result.tiles.changed, 2);
    assert.deepEqual(
      rows!.failed.map(({ tile, error }) => [tile, error.code]),
      [['13/1218/894', 'product-failed']],
    );
    assert.match(rows!.failed[0]!.error.message, /it is Friday/);
    assert.equal(rows!.blocked, 13);
    assert.deepEqual(
      around!.failed.map(({ tile }) => tile),
      ['13/1218/894'],
    );
    const told = events.flatMap((event) =>
      event.type === 'product-failed' ? `${event.product} ${event.tile}` : [],
    );
    assert.deepEqual(told, ['rows 13/1218/894', 'around 13/1218/894']);
    // What can't be made is not there: no file says what is not so any more.
    assert.ok(!existsSync(join(at.staged, 'around/WGS1984Quad/13/1218/894.txt')));
    assert.ok(!existsSync(join(at.staged, 'rows/WGS1984Quad/0/0/0.json')));
    const state = new RunProgressState();
    for (const event of events) state.apply(event);
    assert.equal(state.failedProducts, 2);
    assert.equal(state.phase('derive')!.share, 1);
    place.made();
    delete process.env['TILEWRIGHT_FAIL'];
    await place.derived();
    assert.deepEqual(split(place.made()), [[2, 2], 13]);
    checkProducts(at.staged);
  });

  test('are in progress, in the record and in its report', async (t) => {
    const place = new Place(t);
    const events: RunEvent[] = [];
    await place.stage(PRODUCTS, {}, (event) => events.push(event));
    const phases = events.flatMap((event) => (event.type === 'phase-started' ? event.phase : []));
    assert.deepEqual(phases, ['plan', 'stage', 'merge', 'finalize', 'derive']);
    const started = events.find(
      (event): event is Extract<RunEvent, { type: 'phase-started' }> =>
        event.type === 'phase-started' && event.phase === 'derive',
    )!;
    const all = expectedRows(place.at.staged).size + 4;
    assert.equal(started.total, all);
    const last = events.findLast((event) => event.type === 'progress');
    assert.ok(last?.type === 'progress' && last.phase === 'derive');
    assert.deepEqual([last.done, last.total], [all, all]);
    const tasks = events.filter((event) => event.type === 'task-ended' && event.phase === 'derive');
    assert.equal(tasks.length, started.tasks);
    const analysis = runReport(place.at.staged);
    const share = analysis.phases.find(({ phase }) => phase === 'derive')!;
    assert.equal(share.tasks, tasks.length);
    const text = reportText(analysis, { width: 100, color: false });
    assert.match(text, /^ +deriving products /m);
    assert.match(text, new RegExp(`^ +product +rows: ${all - 4} made, 0 kept, 0 removed$`, 'm'));
  });

  test('a file of somebody else in the place of one is not replaced without adopt', async (t) => {
    const place = new Place(t);
    const path = join(place.at.staged, 'around/WGS1984Quad/13/1217/894.txt');
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'mine');
    const result = await place.stage([AROUND]);
    assert.deepEqual(
      result.products!.map(({ made, failed }) => [
        made,
        failed.map(({ tile, error }) => [tile, error.code]),
      ]),
      [[3, [['13/1217/894', 'tiles-foreign']]]],
    );
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    // Nor is it removed with what is ours.
    await new TileStager({ dirStaged: place.at.staged }).clean();
    assert.equal(readFileSync(path, 'utf8'), 'mine');
    await place.derived([AROUND], { adopt: true });
    assert.equal(readFileSync(path, 'utf8'), '40\n');
  });

  test('a dry run tells of them, and a run that does not ask for them', async (t) => {
    const place = new Place(t);
    const { at } = place;
    await place.derived();
    const dry = async (): Promise<unknown> => {
      const stager = new TileStager({ dirInput: at.input, dirStaged: at.staged });
      return (await stager.dryRun({ products: [AROUND] })).products;
    };
    assert.deepEqual(await dry(), [{ name: 'around', outdated: 0, kept: 4, gone: 0 }]);
    assert.deepEqual((await place.stage([])).warnings, []);
    at.write('c.gpkg', layerAt([5], 9));
    const { warnings } = await place.stage([]);
    assert.match(
      warnings.join('\n'),
      /derived from them before was not made again: around, rows$/m,
    );
    // Column 4 is gone and 5 is new.
    assert.deepEqual(await dry(), [{ name: 'around', outdated: 1, kept: 3, gone: 1 }]);
  });

  test('are no inputs, whatever their extension', async (t) => {
    const place = new Place(t);
    place.at.staged = place.at.input;
    const odd = { ...AROUND, extension: '.gpkg' };
    await place.derived([odd]);
    const again = await place.stage([odd]);
    assert.deepEqual(
      again.inputs.map(({ name, status }) => `${name} ${status}`),
      ['a.gpkg unchanged', 'b.gpkg unchanged', 'c.gpkg unchanged'],
    );
  });

  test('one that ends its worker fails alone', async (t) => {
    const place = new Place(t);
    process.env['TILEWRIGHT_FAIL'] = '13/1217/894';
    const deadly = { ...AROUND, make: AROUND.make.replace('countRows', 'dieThere') };
    const [result] = (await place.stage([deadly], { executor: 'threads', workers: 1 })).products!;
    assert.deepEqual(
      result!.failed.map(({ tile, error }) => [tile, error.code]),
      [['13/1217/894', 'worker-died']],
    );
    assert.equal(result!.made, 3);
    delete process.env['TILEWRIGHT_FAIL'];
    await place.derived();
    checkProducts(place.at.staged);
  });

  test('twins of a task make the same, and one that comes late changes nothing', async (t) => {
    const place = new Place(t);
    await place.derived();
    const folder = place.at.staged;
    const work = join(place.at.base, 'work');
    mkdirSync(work);
    const journal = new Journal(join(folder, '.tilewright/journal.sqlite'), { readOnly: true });
    const settings = journal.settings()!;
    journal.close();
    const at = { z: 13, x: 1217, y: 894 };
    const tile: DeriveTile = { ...at, sources: [[1217, 894]], children: null, isOurs: true };
    const args: DeriveArgs = { folder, work, settings, product: ROWS, tiles: [tile] };
    const task = { progress: () => undefined, note: () => undefined } as unknown as TaskContext;
    const twins = await Promise.all([0, 1].map(() => deriveTiles(countRows, args, task)));
    const made = { ...at, size: 3, sum: crc32('20\n') };
    for (const twin of twins) assert.deepEqual(twin, { made: [made], failed: [], damaged: [] });
    rmSync(work, { recursive: true });
    const path = join(folder, 'rows/WGS1984Quad/13/1217/894.json');
    writeFileSync(path, 'later');
    const late = await deriveTiles(countRows, args, task);
    assert.deepEqual([late.made.length, late.failed.length], [0, 1]);
    assert.equal(readFileSync(path, 'utf8'), 'later');
  });

  test('a folder of a version without products is taken over; with them that one refuses it', async (t) => {
    const place = new Place(t);
    const journal = join(place.at.staged, '.tilewright/journal.sqlite');
    const version = (): unknown => {
      const db = new DatabaseSync(journal);
      try {
        return db.prepare('pragma user_version').get()!['user_version'];
      } finally {
        db.close();
      }
    };
    await place.stage([]);
    // What version 0.1.0 writes and reads.
    assert.equal(version(), 2);
    await place.derived();
    checkProducts(place.at.staged);
    assert.equal(version(), 3);
    const db = new DatabaseSync(journal);
    db.exec('pragma user_version = 2');
    db.close();
    assert.throws(
      () => new Journal(journal),
      /has other tables, views or triggers than Tilewright/,
    );
  });

  test('a journal of a stranger leads nowhere else', async (t) => {
    const place = new Place(t);
    await place.derived();
    const db = new DatabaseSync(join(place.at.staged, '.tilewright/journal.sqlite'));
    db.exec("update product set name = '../..' where name = 'rows'");
    db.close();
    await assert.rejects(new TileStager({ dirStaged: place.at.staged }).clean(), {
      code: 'staged-folder',
    });
  });

  test('a declaration that can not be is refused', async (t) => {
    const place = new Place(t);
    const bad: Partial<Product>[] = [
      ...['../x', 'A', '', 'con', '.tilewright', 'x'.repeat(40)].map((name) => ({ name })),
      ...['json', '.', '.a/b', '/..'].map((extension) => ({ extension })),
      ...[0, 1.5, Number.NaN].map((version) => ({ version })),
      ...[14, -1, 2.5].map((downTo) => ({ downTo })),
    ];
    for (const change of bad) {
      await assert.rejects(place.stage([{ ...ROWS, ...change }]), { name: 'TilewrightError' });
    }
    await assert.rejects(place.stage([ROWS, ROWS]), /is declared twice/);
    assert.ok(!existsSync(place.at.staged));
  });
});

function checkRows({ staged }: Workplace): void {
  assertSame(found(staged, 'rows'), expectedRows(staged));
}
