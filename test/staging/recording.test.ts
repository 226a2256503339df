/** What a run tells, and what is kept of it: the same, and true to what was made. */

import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { writeScenes } from '../../bench/scenes.ts';
import { analyse } from '../../src/insight/analyse.ts';
import { readRecordLines, readRecords } from '../../src/staging/recording/record-file.ts';
import type { EndLine, RecordLine, RunLine } from '../../src/staging/recording/record-lines.ts';
import { type RunEvent, readsInputs } from '../../src/staging/telling/events.ts';
import type { SpillReason } from '../../src/staging/telling/spilled-rows.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { listTiles, runCli, temporaryFolder } from './support.ts';

const sumOf = (values: Record<string, number>): number =>
  Object.values(values).reduce((sum, value) => sum + value, 0);

type Ended = Extract<RecordLine, { type: 'task-ended' }>;

const POLYGONS = 2_000;
const linux = process.platform === 'linux';

suite('recording', () => {
  const base = temporaryFolder({ after });
  const input = join(base, 'input');
  const out = join(base, 'staged');
  const events: RunEvent[] = [];
  let lines: RecordLine[] = [];

  before(async () => {
    writeScenes(input, { seed: 8, count: 3, polygonsEach: POLYGONS, cellArea: 15_000 });
    writeFileSync(join(input, 'broken.gpkg'), 'no database'.repeat(100));
    const config = { dirInput: input, dirStaged: out, workers: 2, sliceBytes: 500_000 };
    const stager = new TileStager(config);
    await stager.stageAll({ onProgress: (event) => events.push(event) });
    const [record] = readRecords(out);
    lines = readRecordLines(record!.path);
  });

  test('events come in order, each phase and each task with its beginning and its end', () => {
    assert.equal(events[0]?.type, 'run-started');
    assert.deepEqual(events.at(-1)?.type, 'run-ended');
    const times = events.map(({ at }) => at);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
    const phases = events.flatMap((event) =>
      event.type === 'phase-started' || event.type === 'phase-ended'
        ? `${event.type.slice(6)} ${event.phase}`
        : [],
    );
    const both = (phase: string): string[] => [`started ${phase}`, `ended ${phase}`];
    assert.deepEqual(phases, ['plan', 'stage', 'merge', 'finalize'].flatMap(both));
    const open = new Map<number, string>();
    let tasks = 0;
    for (const event of events) {
      if (event.type === 'task-started') {
        assert.match(event.worker, /^.+\/\d+\/[12]$/);
        open.set(event.task, event.worker);
      } else if (event.type === 'task-ended') {
        assert.equal(open.get(event.task), event.worker);
        assert.equal(event.usage?.worker, event.worker);
        open.delete(event.task);
        tasks++;
      }
    }
    assert.equal(open.size, 0);
    assert.ok(tasks > 20, `${tasks} tasks`);
    const failed = events.filter((event) => event.type === 'input-failed');
    assert.deepEqual(
      failed.map(({ input: name, error }) => [name, error.code]),
      [['broken.gpkg', 'input-format']],
    );
    const progress = events.filter((event) => event.type === 'progress');
    const last = progress.filter(({ phase }) => phase === 'stage').at(-1)!;
    assert.deepEqual([last.done, last.total], [3 * POLYGONS, 3 * POLYGONS]);
  });

  test('the record has the events, and the sums of what was made', () => {
    const kept = events.filter(
      ({ type }) => !['progress', 'run-started', 'run-ended'].includes(type),
    );
    const own = lines.filter(({ type }) => !['run', 'sample', 'progress', 'end'].includes(type));
    assert.deepEqual(own, JSON.parse(JSON.stringify(kept)));
    const told = new Set(events.map((event) => JSON.stringify(event)));
    const progress = lines.filter(({ type }) => type === 'progress');
    assert.ok(progress.length > 0);
    for (const line of progress) assert.ok(told.has(JSON.stringify(line)), 'one of those told');

    const run = lines[0] as RunLine;
    assert.deepEqual([run.folder, run.executor, run.slots], [out, 'threads', 2]);
    assert.ok(Math.abs(Date.parse(run.startedAt) - Date.now()) < 60_000);
    const end = lines.at(-1) as EndLine;
    assert.equal(end.type, 'end');
    const tiles = listTiles(out);
    const sizes = tiles.map((tile) => statSync(join(out, tile)).size);
    assert.equal(
      end.tileBytes,
      sizes.reduce((a, b) => a + b),
    );
    assert.equal(end.made?.tiles.new, tiles.length);
    assert.deepEqual(end.made?.inputs, { staged: 3, unchanged: 0, failed: 1 });
    assert.equal(end.made?.featuresRead, 3 * POLYGONS);
    const rowBytes = end.rowBytes!;
    assert.ok(rowBytes > 300 * end.made!.rowsWritten && rowBytes < end.tileBytes);
    assert.equal(end.shuffleBytes, sumOf(end.spilled!), 'files of rows, and nothing else');
    assert.ok(end.shuffleBytes < 0.1 * rowBytes, 'there is memory for all of them');
    const scenes = readdirSync(input).filter((name) => name !== 'broken.gpkg');
    const bytes = scenes.map((name) => statSync(join(input, name)).size);
    assert.equal(
      Math.round(end.inputBytes),
      bytes.reduce((a, b) => a + b),
    );
    assert.ok(lines.some(({ type }) => type === 'sample'));
  });

  test('what tasks note adds up to what they took', () => {
    const tasks = lines.filter((line): line is Ended => line.type === 'task-ended');
    const all = tasks.filter(({ phase }) => phase === 'stage');
    const staged = all.filter((task) => readsInputs(task));
    const built = all.filter(({ usage }) => (usage!.notes['tiles'] ?? 0) > 0);
    const begun = lines.find((line) => line.type === 'phase-started' && line.phase === 'stage');
    assert.ok(begun?.type === 'phase-started' && begun.tasks === staged.length);
    const sum = (name: string, some = staged): number =>
      some.reduce((total, { usage }) => total + usage!.notes[name]!, 0);
    assert.equal(sum('features'), 3 * POLYGONS);
    assert.ok(sum('vertices') > 4 * sum('features'));
    for (const { usage } of staged) {
      const { readMs = 0, kernelMs = 0, rowBytes = 0 } = usage!.notes;
      assert.ok(readMs > 0 && kernelMs > 0 && rowBytes > 0);
      assert.ok(readMs + kernelMs <= usage!.wallMs);
      if (linux) assert.ok(usage!.readBytes! > 100_000);
    }
    assert.equal(sum('tiles', built), listTiles(out).length);
    for (const { usage } of built) {
      const { buildMs = 0, tileBytes = 0 } = usage!.notes;
      assert.ok(buildMs > 0 && buildMs <= usage!.wallMs);
      if (linux) assert.ok(usage!.writtenBytes! >= tileBytes);
    }
    const merged = tasks.filter(({ phase }) => phase === 'merge');
    const rows = merged.reduce((total, { usage }) => total + usage!.notes['rows']!, 0);
    assert.equal(rows, (lines.at(-1) as EndLine).made?.rowsWritten);
  });

  test('it is told which rows went to files, and why', async () => {
    const scenes = readdirSync(input).filter((name) => name !== 'broken.gpkg');
    const paths = scenes.map((name) => join(input, name));
    const stage = async (name: string, inputs: string[], options: object) => {
      const stager = new TileStager({
        ...{ dirStaged: join(base, name), workers: 2, sliceBytes: 300_000, ...options },
      });
      const { warnings } = await stager.stageAll({ inputs });
      const { path } = readRecords(join(base, name))[0]!;
      const end = readRecordLines(path).at(-1) as EndLine;
      const spilled = end.spilled!;
      assert.equal(end.shuffleBytes, sumOf(spilled));
      const reasons = Object.keys(spilled).filter((why) => spilled[why as SpillReason] > 0);
      return { reasons, warnings, rowBytes: end.rowBytes!, spilled };
    };
    const full = await stage('full', paths, { memory: 1, executor: 'inline' });
    assert.deepEqual(full.reasons, ['full']);
    const rowBytes = (lines.at(-1) as EndLine).rowBytes!;
    assert.equal(full.rowBytes, rowBytes, 'each slice is staged once');
    const share = full.spilled.full / rowBytes;
    assert.ok(share > 0.1 && share < 0.5, `${share}`);
    assert.match(full.warnings.join(), /^\d\d % of the rows .*--memory/);
    // Groups of the workers have tiles in common; tiles of the first scene get rows of the others.
    const shared = await stage('shared', paths.slice(0, 2), { executor: 'local' });
    assert.deepEqual(shared.reasons, ['shared']);
    assert.ok(shared.spilled.shared < shared.rowBytes);
    assert.deepEqual(shared.warnings, []);
    const kept = await stage('shared', paths, {});
    assert.deepEqual(kept.reasons, ['kept']);
    assert.ok(kept.spilled.kept > 0 && kept.spilled.kept < kept.rowBytes);
  });

  test('every second of every worker is accounted for', () => {
    const { time, seconds, phases, timeline, workers } = analyse(lines);
    const all = time.reduce((sum, { share }) => sum + share, 0);
    assert.ok(Math.abs(all - 1) < 0.02, `${all}`);
    assert.equal(workers.length, 2);
    for (const { start, end } of timeline) assert.ok(start >= 0 && end <= seconds + 0.01);
    assert.deepEqual(
      phases.map(({ phase }) => phase),
      ['plan', 'stage', 'merge', 'finalize'],
    );
    assert.ok(phases[1]!.parts['kernels']! > 0);
  });

  test('a run that has nothing to do leaves no record', async () => {
    const { length } = readRecords(out);
    await new TileStager({ dirInput: input, dirStaged: out }).stageAll();
    assert.equal(readRecords(out).length, length);
  });

  test('the record of a run that was killed is read as far as it goes', () => {
    const { path } = readRecords(out)[0]!;
    const text = readFileSync(path, 'utf8');
    const cut = join(base, 'cut.jsonl');
    writeFileSync(cut, text.slice(0, text.lastIndexOf('"task-ended"')));
    const { end, seconds, timeline, missing } = analyse(readRecordLines(cut));
    assert.equal(end, null);
    assert.ok(seconds > 0 && timeline.length > 5);
    assert.ok(missing.some((text) => text.includes('killed')));
    writeFileSync(cut, 'no record\n');
    assert.throws(() => readRecordLines(cut), { code: 'staged-folder' });
  });

  test('only the last records are kept, and they go with the staged folder', async () => {
    const folder = join(out, '.tilewright/records');
    for (let day = 1; day <= 25; day++) {
      const name = `2020-01-${String(day).padStart(2, '0')}T00.00.00.000Z-old.jsonl`;
      appendFileSync(join(folder, name), '');
    }
    const scene = readdirSync(input).find((name) => name !== 'broken.gpkg')!;
    const path = join(input, scene);
    utimesSync(path, new Date(), new Date());
    const { code, stderr } = await runCli(['stage', path, '--out', out]);
    assert.equal(code, 0, stderr);
    const records = readRecords(out);
    assert.equal(records.length, 20);
    assert.ok(records[0]!.startedAt > '2026');
    await new TileStager({
      dirStaged: out,
      filenameStagingSummary: join(base, 'none.csv'),
    }).clean();
    assert.ok(!existsSync(folder));
  });
});
