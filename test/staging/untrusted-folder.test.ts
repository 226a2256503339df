/** Staged folders that somebody else made, with what he would like to happen outside of them. */

import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { TilewrightError } from '../../src/core/errors.ts';
import { Journal } from '../../src/staging/folder/journal/journal.ts';
import { forgetDetached, readDetached } from '../../src/staging/recording/detached.ts';
import { RunReporter } from '../../src/staging/recording/run-record.ts';
import { runStatus } from '../../src/staging/recording/run-status.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { layerAt, threeInputs, tileAt, type Workplace } from './workplace.ts';

const OWN = '.tilewright';

/** What the owner of the folder must find as it was. */
function makeVictim(at: Workplace): string {
  const victim = join(at.base, 'victim');
  rmSync(victim, { recursive: true, force: true });
  mkdirSync(join(victim, 'docs'), { recursive: true });
  writeFileSync(join(victim, 'docs/thesis.txt'), 'precious');
  writeFileSync(join(victim, 'text'), 'precious');
  return victim;
}

function contents(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${readFileSync(path, 'utf8')}`;
    })
    .sort();
}

/** Puts a link in place of what is there. */
function link(staged: string, name: string, target: string): void {
  rmSync(join(staged, name), { recursive: true, force: true });
  mkdirSync(dirname(join(staged, name)), { recursive: true });
  symlinkSync(target, join(staged, name));
}

/** Whatever a user may do with the folder. */
async function useIt(at: Workplace, staged: string): Promise<TilewrightError[]> {
  const stager = new TileStager({ dirInput: at.input, dirStaged: staged, executor: 'inline' });
  const errors: TilewrightError[] = [];
  const attempt = async (work: () => unknown): Promise<void> => {
    try {
      await work();
    } catch (error) {
      assert.ok(error instanceof TilewrightError, `${error}`);
      errors.push(error);
    }
  };
  await attempt(() => runStatus(staged));
  await attempt(() => stager.stageAll());
  await attempt(() => new RunReporter(staged).begin());
  await attempt(() => new RunReporter(staged).end('finished', 0, ''));
  await attempt(() => forgetDetached(staged));
  await attempt(() => stager.clean());
  return errors;
}

describe('a staged folder from somebody else', () => {
  test('links in it lead nowhere', async (t) => {
    const at = threeInputs(t);
    const clean = join(at.base, 'clean');
    await at.stage(clean);
    at.write('d.gpkg', layerAt([0, 5], 4));
    const names = [
      ...[OWN, `${OWN}/runs`, `${OWN}/records`, `${OWN}/parallel`, `${OWN}/run.json`],
      ...[`${OWN}/run.json.tmp`, `${OWN}/detached.json`, `${OWN}/detached.log`],
      ...[`${OWN}/detached.sh`, `${OWN}/lock.sqlite`, `${OWN}/lock.sqlite-journal`],
      ...[`${OWN}/journal.sqlite`, `${OWN}/journal.sqlite-journal`, `${OWN}/journal.sqlite-wal`],
      ...['WGS1984Quad', 'WGS1984Quad/13', dirname(tileAt(0))],
    ];
    for (const name of names) {
      const victim = makeVictim(at);
      rmSync(at.staged, { recursive: true, force: true });
      cpSync(clean, at.staged, { recursive: true });
      const before = contents(victim);
      link(
        at.staged,
        name,
        /\.(json|log|sh|sqlite|tmp|sqlite-\w+)$/.test(name) ? join(victim, 'text') : victim,
      );
      const errors = await useIt(at, at.staged);
      assert.ok(
        errors.some(({ code, message }) => code === 'staged-folder' && /is a link/.test(message)),
        `${name}: ${errors.map((error) => error.message)}`,
      );
      assert.deepEqual(contents(victim), before, name);
    }
    // A tile may be replaced; its target may not.
    const victim = makeVictim(at);
    rmSync(at.staged, { recursive: true, force: true });
    cpSync(clean, at.staged, { recursive: true });
    link(at.staged, tileAt(0), join(victim, 'text'));
    const before = contents(victim);
    assert.ok((await useIt(at, at.staged)).some(({ message }) => /is a link/.test(message)));
    assert.deepEqual(contents(victim), before);
  });

  test('names in its journal lead nowhere', async (t) => {
    const at = threeInputs(t);
    const clean = join(at.base, 'clean');
    await at.stage(clean);
    const sealed = (text: string, key = ''): string =>
      `'${text.replaceAll("'", "''")}', ${crc32(key === '' ? text : `${key}\0${text}`)}`;
    const pending = (run: object): string =>
      `insert into pending values (${sealed(JSON.stringify(run))})`;
    const meta = (key: string, value: object): string =>
      `insert or replace into meta values ('${key}', ${sealed(JSON.stringify(value), key)})`;
    const journal = new Journal(join(clean, OWN, 'journal.sqlite'), { readOnly: true });
    const settings = journal.settings()!;
    const [input] = journal.inputs();
    journal.close();
    const hostile = {
      'a run outside': pending({ runId: '../../../victim', inputs: [], removed: [] }),
      'a run that is the folder of runs': pending({ runId: '.', inputs: [], removed: [] }),
      'a record outside': pending({
        runId: '00000000-0000-4000-8000-000000000000',
        records: ['../../../../victim/text'],
        inputs: [{ ...input, slices: [[0, 0]] }],
        removed: [],
      }),
      'a record that is not named': pending({
        runId: '00000000-0000-4000-8000-000000000000',
        records: [],
        inputs: [{ ...input, slices: [[0, 0]] }],
        removed: [],
      }),
      'a pending run that is a number': `insert into pending values (7, 7)`,
      'tiles outside': meta('settings', { ...settings, tms: '../victim' }),
      'tiles in the private folder': meta('settings', { ...settings, tms: '.tilewright' }),
      'a reset to a place outside': meta('reset', {
        settings: { ...settings, style: '..' },
        again: [],
      }),
      'a path for a z': meta('settings', { ...settings, z: '../../victim' }),
      'a text for a column': `update tile_input set x = '../../../victim/text'`,
    };
    for (const [what, sql] of Object.entries(hostile)) {
      const victim = makeVictim(at);
      const before = contents(victim);
      rmSync(at.staged, { recursive: true, force: true });
      cpSync(clean, at.staged, { recursive: true });
      const db = new DatabaseSync(join(at.staged, OWN, 'journal.sqlite'));
      db.exec(sql);
      db.close();
      const errors = await useIt(at, at.staged);
      assert.ok(
        errors.some(({ code }) => code === 'staged-folder'),
        `${what}: ${errors.map((error) => error.message)}`,
      );
      assert.deepEqual(contents(victim), before, what);
    }
  });

  test('views, triggers and strange values in its journal are not run', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const path = join(at.staged, OWN, 'journal.sqlite');
    const clean = readFileSync(path);
    const endless =
      'with recursive n (i) as (select 1 union all select i + 1 from n) select i from n';
    const hostile = {
      'a view for a table': `drop table pending; create view pending as ${endless}`,
      'a trigger': 'create trigger t after insert on meta begin delete from input; end',
      'a generated column': 'alter table pending add column x as (zeroblob(1000000000))',
      'another table': 'create table victim (x)',
      'no application': 'pragma application_id = 0',
      'another version': 'pragma user_version = 9',
    };
    for (const [what, sql] of Object.entries(hostile)) {
      writeFileSync(path, clean);
      const db = new DatabaseSync(path);
      db.exec(sql);
      db.close();
      for (const readOnly of [true, false]) {
        assert.throws(() => new Journal(path, { readOnly }), { code: 'staged-folder' }, what);
      }
    }
    // SQLite would remove the file that the end of this names.
    writeFileSync(path, clean);
    const victim = join(makeVictim(at), 'text');
    const name = Buffer.from(victim);
    const sum = name.reduce((total, byte) => total + byte, 0);
    const tail = Buffer.alloc(16);
    tail.writeUInt32BE(name.length, 0);
    tail.writeUInt32BE(sum, 4);
    Buffer.from('d9d505f920a163d7', 'hex').copy(tail, 8);
    writeFileSync(`${path}-journal`, Buffer.concat([Buffer.alloc(512), name, tail]));
    assert.throws(() => new Journal(path), {
      code: 'staged-folder',
      message: /names another file/,
    });
    assert.ok(existsSync(victim));
  });

  test('every bit of its journal counts', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const path = join(at.staged, OWN, 'journal.sqlite');
    const clean = readFileSync(path);
    const all = (): string => {
      const journal = new Journal(path, { readOnly: true });
      try {
        return JSON.stringify([
          journal.settings(),
          journal.inputs(),
          [...journal.allTileInputs()],
          [...journal.tileEntries()],
          journal.tiles(),
          journal.pending(),
          journal.again(),
        ]);
      } finally {
        journal.close();
      }
    };
    const expected = all();
    const refused = { damaged: 0, same: 0 };
    for (let at = 100; at < clean.length; at += 211) {
      const bytes = Buffer.from(clean);
      bytes[at]! ^= 1 << (at % 8);
      writeFileSync(path, bytes);
      try {
        assert.equal(all(), expected, `a bit of byte ${at}`);
        refused.same++;
      } catch (error) {
        if (!(error instanceof TilewrightError)) throw error;
        refused.damaged++;
      }
    }
    t.diagnostic(`${refused.damaged} refused, ${refused.same} in unused bytes`);
    assert.ok(refused.damaged > 20);
  });

  test('a row of its journal that says something else is refused by whoever reads it', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const path = join(at.staged, OWN, 'journal.sqlite');
    const clean = readFileSync(path);
    const refusals = (sql: string, reads: ((journal: Journal) => unknown)[]): void => {
      writeFileSync(path, clean);
      const db = new DatabaseSync(path, { enableForeignKeyConstraints: false });
      assert.equal(db.prepare(sql).run().changes, 1, sql);
      db.close();
      const journal = new Journal(path, { readOnly: true });
      for (const read of reads) {
        assert.throws(() => read(journal), { code: 'staged-folder' }, `${sql}: ${read}`);
      }
      journal.close();
    };
    const all = (journal: Journal): unknown => [...journal.allTileInputs()];
    const entries = (journal: Journal): unknown => [...journal.tileEntries()];
    const partitions = (journal: Journal): unknown =>
      Array.from({ length: 256 }, (_, partition) => journal.tileInputs(partition));
    const one = 'where (y, x, input) = (select y, x, input from tile_input limit 1)';
    for (const change of [
      ...['rows = rows + 1', 'area = area * 2', 'geometry = geometry + 1', 'crc = crc + 1'],
      ...['x = x + 100', 'y = y + 1', 'partition = (partition + 1) % 256'],
    ]) {
      refusals(`update tile_input set ${change} ${one}`, [all, entries, partitions]);
    }
    // Rows that are whole, but not all.
    refusals(`update tile_input set input = 99 ${one}`, [all, entries]);
    refusals(`delete from tile_input ${one}`, [all]);
    const inputs = (journal: Journal): unknown => journal.inputs();
    for (const change of ['json = replace(json, \'"rows":\', \'"rows":1\')', 'crc = crc + 1']) {
      refusals(`update input set ${change} where id = 1`, [inputs]);
    }
    refusals("update input set name = 'another.gpkg' where id = 1", [inputs]);
    const settings = (journal: Journal): unknown => journal.settings();
    for (const change of ["value = replace(value, '13', '12')", 'crc = crc + 1']) {
      refusals(`update meta set ${change} where key = 'settings'`, [settings]);
    }
  });

  test('a detached run that somebody else noted is neither cancelled nor removed', async (t) => {
    const at = threeInputs(t);
    await at.stage();
    const victim = join(makeVictim(at), 'text');
    const run = { jobId: '1', name: 'the job of the victim', log: victim };
    writeFileSync(join(at.staged, OWN, 'detached.json'), JSON.stringify(run));
    assert.throws(() => readDetached(at.staged), { code: 'staged-folder' });
    assert.throws(() => forgetDetached(at.staged), { code: 'staged-folder' });
    assert.equal(readFileSync(victim, 'utf8'), 'precious');
    renameSync(victim, `${victim}2`);
  });
});
