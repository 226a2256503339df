/** An input format of a module of one's own: with tasks that take turns in one thread, and in workers elsewhere. */

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { openSource } from '../../src/formats/open.ts';
import { HighThroughputExecutor } from '../../src/parallel/blocks/high-throughput-executor.ts';
import type { Executor } from '../../src/parallel/executor.ts';
import { InlineExecutor } from '../../src/parallel/inline-executor.ts';
import { callFunction } from '../../src/parallel/inside/call.ts';
import { registry } from '../../src/parallel/registry.ts';
import type { Task } from '../../src/parallel/task.ts';
import { ThreadPoolExecutor } from '../../src/parallel/threads/thread-pool-executor.ts';
import {
  addFormatModule,
  loadFormats,
  withFormats,
} from '../../src/staging/tasks/format-modules.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { hashFolder, polygonWkb, randomPolygons, temporaryFolder } from './support.ts';

const INPUTS = 6;
const FEATURES = 500;
const ARCTIC = { minX: -153.3, minY: 70.3, maxX: -153.22, maxY: 70.38 };

before(() => addFormatModule(new URL('../formats/json-lines.ts', import.meta.url), 'lines'));

/** Writes inputs of JSON lines; returns their folder. */
function writeInputs(t: Parameters<typeof temporaryFolder>[0]): string {
  const folder = join(temporaryFolder(t), 'input');
  mkdirSync(folder);
  for (let n = 0; n < INPUTS; n++) {
    const columns = [
      { name: 'n', type: 'integer' },
      { name: `own_${n % 2}`, type: 'text' },
    ];
    const crs = { authority: 'EPSG', code: '4326' };
    const lines = randomPolygons(n + 1, FEATURES, ARCTIC, 2e-4).map((ring, i) =>
      JSON.stringify({ values: [i, `of ${n}`], wkb: polygonWkb([ring]).toString('hex') }),
    );
    const head = JSON.stringify({ columns, crs, count: FEATURES });
    writeFileSync(join(folder, `${n}.lines`), `${[head, ...lines].join('\n')}\n`);
  }
  return folder;
}

async function stage(dirInput: string, dirStaged: string, executor: Executor) {
  try {
    const stager = new TileStager({ dirInput, dirStaged, sliceBytes: 50_000 });
    const result = await stager.stageAll({ executor });
    assert.equal(result.featuresRead, INPUTS * FEATURES);
    assert.deepEqual(result.drops, {});
    return result;
  } finally {
    await executor.shutdown();
  }
}

/** All tasks take turns in the calling thread. */
class TakingTurns implements Executor {
  readonly label = 'turns';
  readonly slots = 12;
  closed = false;
  running = 0;
  most = 0;

  async run({ name, args }: Task): Promise<unknown> {
    this.most = Math.max(this.most, ++this.running);
    const location = registry.locate(name);
    const call = { location, args: structuredClone(args), progress: () => undefined };
    const { value } = await callFunction(call);
    this.running--;
    return value;
  }

  async shutdown(): Promise<void> {
    this.closed = true;
  }
}

test('tasks that take turns in one thread write what they write one after the other', async (t) => {
  const input = writeInputs(t);
  const folder = temporaryFolder(t);
  await stage(input, join(folder, 'one'), new InlineExecutor());
  const turns = new TakingTurns();
  const result = await stage(input, join(folder, 'turns'), turns);
  assert.equal(turns.most, turns.slots);
  assert.ok(result.tiles.total > 10, `${result.tiles.total} tiles`);
  const tiles = hashFolder(join(folder, 'one'));
  assert.equal(tiles.size, result.tiles.total);
  assert.deepEqual(hashFolder(join(folder, 'turns')), tiles);
});

test('workers in threads and processes get the module by its name', async (t) => {
  const input = writeInputs(t);
  const folder = temporaryFolder(t);
  await stage(input, join(folder, 'one'), new InlineExecutor());
  await stage(input, join(folder, 'threads'), new ThreadPoolExecutor({ maxThreads: 2 }));
  await stage(input, join(folder, 'local'), new HighThroughputExecutor({ maxWorkers: 1 }));
  const tiles = hashFolder(join(folder, 'one'));
  assert.deepEqual(hashFolder(join(folder, 'threads')), tiles);
  assert.deepEqual(hashFolder(join(folder, 'local')), tiles);
});

test('a task names modules and their one function, and nothing that is not registered', async () => {
  assert.equal(withFormats('staging.stage'), 'staging.stage+lines.registerFormats');
  assert.throws(() => registry.locate('staging.stage+other.registerFormats'), {
    code: 'task-unknown',
  });
  const other = registry.locate('staging.merge+lines.JSON_LINES').next;
  await assert.rejects(loadFormats(other), {
    code: 'task-unknown',
    message: /registerFormats alone/,
  });
  await assert.rejects(addFormatModule(new URL('./support.ts', import.meta.url)), {
    code: 'task-unknown',
    message: /registerFormats/,
  });
  assert.equal(withFormats('staging.stage'), 'staging.stage+lines.registerFormats');
});

test('a file that is no input is told by its content, whatever its name says', async (t) => {
  const folder = temporaryFolder(t);
  const cases: [name: string, content: string, message: RegExp][] = [
    ['b.gpkg', 'PK\x03\x04', /Its content says: zip archive\. To read it:\nogr2ogr .*\/vsizip\//],
    ['c.gpkg', '\n <html>', /Its content says: XML$/],
    ['d.gpkg', 'words', /does not begin as an SQLite database does$/],
    ['e.dat', 'words', /e\.dat is of no format that is known\. .*: GeoPackage, /],
  ];
  for (const [name, content, message] of cases) {
    const path = join(folder, name);
    writeFileSync(path, content);
    await assert.rejects(openSource(path), { code: 'input-format', message }, name);
  }
});
