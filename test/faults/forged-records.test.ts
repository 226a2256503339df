/**
 * Records that somebody has forged, with checksums that are right: nothing outside the staged folder is
 * read into tiles, moved or changed, and the tiles are those of the inputs.
 */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { Random } from '../../src/core/random.ts';
import { callFunction } from '../../src/parallel/inside/call.ts';
import { Registry } from '../../src/parallel/registry.ts';
import { hashFolder } from '../staging/support.ts';
import { SUMMARY } from '../staging/workplace.ts';
import { interrupted, manyInputs } from './interrupted.ts';

// biome-ignore lint/suspicious/noExplicitAny: lines of JSON, to be made wrong.
type Line = any;

const sealed = (json: string): string => `${crc32(json).toString(16)} ${json}`;
const OUTSIDE = '../../../../victim/text';

/** Of a record with all kinds of lines. */
const FORGERIES: Record<string, (lines: Line[]) => void> = {
  'a tile outside': (lines) => (builtIn(lines).file = OUTSIDE),
  'a tile with a whole path': (lines) => (builtIn(lines).file = '/etc/hostname'),
  'a tile that is a shuffle file': (lines) =>
    (builtIn(lines).file = builtIn(lines).file.replace('.tile', '.shuffle')),
  'a tile that is no text': (lines) => (builtIn(lines).file = 7),
  'a place that is a path': (lines) => (builtIn(lines).x = '../../../victim'),
  'a place between tiles': (lines) => (builtIn(lines).y += 0.5),
  'a place before all tiles': (lines) => (builtIn(lines).x = -1),
  'a slice that is not there': (lines) => (builtIn(lines).parts[0] = 99),
  'fewer rows than none': (lines) => (builtIn(lines).parts[1] = -5),
  'more rows than there are': (lines) => {
    const [slice] = builtIn(lines).parts;
    builtIn(lines).parts[1]++;
    lines.filter((line) => 'slice' in line)[slice].slice.statistics.rows++;
  },
  'half a part': (lines) => builtIn(lines).parts.pop(),
  'no parts': (lines) => (builtIn(lines).parts = []),
  'a part twice': (lines) => builtIn(lines).parts.push(...builtIn(lines).parts.slice(0, 3)),
  'no areas': (lines) => (builtIn(lines).areas = []),
  'areas that are no numbers': (lines) => (builtIn(lines).areas[0] = null),
  'another sum': (lines) => (builtIn(lines).sum = 1),
  'a tile twice': (lines) => lines.push({ built: builtIn(lines) }),
  'a shuffle file outside': (lines) => lines.push({ shuffle: OUTSIDE }),
  'a shuffle file twice': (lines) => lines.push(lines.find((line) => 'shuffle' in line)),
  'no shuffle file': (lines) => {
    lines.splice(
      lines.findIndex((line) => 'shuffle' in line),
      1,
    );
  },
  'a slice without counts': (lines) =>
    (lines.find((line) => 'slice' in line).slice.statistics = null),
  'drops without counts': (lines) =>
    (lines.find((line) => 'slice' in line).slice.statistics.drops = { 'no geometry': null }),
  'classes that are texts': (lines) =>
    lines.unshift({ columns: { input: 'a', oddClasses: ['b'] } }),
  'columns of nobody': (lines) => lines.unshift({ columns: {} }),
  nothing: (lines) => lines.unshift(null),
  'a number': (lines) => lines.unshift(7),
  'an empty line': (lines) => lines.unshift({}),
};

function builtIn(lines: Line[]): Line {
  return lines.find((line) => line !== null && typeof line === 'object' && 'built' in line).built;
}

function forge(path: string, change: (lines: Line[]) => void): void {
  const [header, ...texts] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const lines: Line[] = texts.map((text) => JSON.parse(text.slice(text.indexOf(' '))));
  change(lines);
  const forged = lines.map((line) => sealed(JSON.stringify(line)));
  writeFileSync(path, `${[header, ...forged].join('\n')}\n`);
}

describe('forged records of an interrupted run', () => {
  for (const [task, n] of [
    ['staging.group', 3],
    ['staging.merge', 1],
  ] as const) {
    test(`that was stopped in ${task}`, async (t) => {
      const at = manyInputs(t);
      await at.stage();
      const expected = hashFolder(at.staged, { summary: SUMMARY });
      const victim = join(at.base, 'victim');
      mkdirSync(victim);
      const random = new Random(3);
      let tried = 0;
      for (const [i, [what, change]] of Object.entries(FORGERIES).entries()) {
        // The other half is met in the other place.
        if ((i % 2 === 0) !== (task === 'staging.merge')) continue;
        writeFileSync(join(victim, 'text'), 'precious');
        const staged = join(at.base, 'forged');
        const { record } = await interrupted(at, staged, task, n);
        const whole = record.filter((path) => {
          const text = readFileSync(path, 'utf8');
          return text.includes('{"built":') && text.includes('{"shuffle":');
        });
        assert.ok(whole.length > 0);
        forge(whole[random.integer(whole.length)]!, change);
        await at.stage(staged).catch((error) => assert.fail(`${what}: ${error.stack}`));
        assert.deepEqual(hashFolder(staged, { summary: SUMMARY }), expected, what);
        assert.equal(readFileSync(join(victim, 'text'), 'utf8'), 'precious', what);
        rmSync(staged, { recursive: true });
        tried++;
      }
      assert.ok(tried > 10);
    });
  }

  test('a text that is no JSON, and links for files', async (t) => {
    const at = manyInputs(t);
    await at.stage();
    const expected = hashFolder(at.staged, { summary: SUMMARY });
    const victim = join(at.base, 'precious');
    for (const kind of ['json', 'record', 'tile', 'shuffle'] as const) {
      const staged = join(at.base, 'linked');
      const files = await interrupted(at, staged, 'staging.merge', 1);
      writeFileSync(victim, 'precious');
      if (kind === 'json') {
        writeFileSync(files.record[0]!, `tilewright stage record 2\n${sealed('{ no JSON')}\n`);
        await at.stage(staged);
        assert.deepEqual(hashFolder(staged, { summary: SUMMARY }), expected);
      } else {
        rmSync(files[kind][0]!);
        symlinkSync(victim, files[kind][0]!);
        await at.stage(staged).then(
          () => assert.deepEqual(hashFolder(staged, { summary: SUMMARY }), expected, kind),
          ({ code, message }) =>
            assert.match(`${code}: ${message}`, /^staged-folder: .* is a link/),
        );
      }
      assert.equal(readFileSync(victim, 'utf8'), 'precious', kind);
      rmSync(staged, { recursive: true });
    }
  });

  test('tasks of a queue with names that lead elsewhere', async (t) => {
    const at = manyInputs(t);
    const { tile } = await interrupted(at, at.staged, 'staging.merge', 1);
    const victim = join(at.base, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'text'), 'precious');
    const runId = tile[0]!.split('/').at(-2)!;
    const run = join(at.staged, '.tilewright/runs', runId);
    const before = hashFolder(at.staged);
    const tasks = new URL('../../src/staging/tasks/tasks.ts', import.meta.url).href;
    const registry = new Registry([['staging', tasks]]);
    const call = (name: string, args: object): Promise<unknown> =>
      callFunction({ location: registry.locate(name), args: [args], progress: () => undefined });
    const folder = at.staged;
    const rejected = { code: /^(staged-folder|task-arguments)$/ };
    const parts = [{ input: 0, slice: 0, shuffle: OUTSIDE, segment: {} }];
    const built = { x: 0, y: 0, file: `${'0'.repeat(32)}.tile`, parts };
    const args = { folder, settings: {}, inputs: {}, slices: [], rows: [], tms: {}, elsewhere: [] };
    for (const name of ['staging.build', 'staging.spill', 'staging.group', 'staging.merge']) {
      for (const elsewhere of ['../../../victim', '..', '.', '', `${runId}/../../../../victim`]) {
        const tiles = [{ ...built, parts: [] }];
        const all = { ...args, tiles, runId: elsewhere, common: {}, part: {} };
        await assert.rejects(call(name, all), rejected, `${name} ${elsewhere}`);
      }
    }
    for (const tiles of [[built], [{ ...built, file: OUTSIDE, parts: [] }]]) {
      await assert.rejects(call('staging.build', { ...args, runId, tiles }), rejected);
    }
    // A plan that names other files, with the right checksums.
    const planned = (shuffles: string[], line: object): { common: object; part: object } => {
      const header = 'tilewright merge plan 4\n';
      const lines = [{ settings: {}, inputs: [{ name: 'a' }], kept: {}, shuffles }, line].map(
        (value) => `${sealed(JSON.stringify(value))}\n`,
      );
      writeFileSync(join(run, 'merge.plan'), header + lines.join(''));
      const range = (offset: number, text: string) => {
        return { offset, length: text.length, crc: text.slice(0, text.indexOf(' ')) };
      };
      return {
        common: range(header.length, lines[0]!),
        part: range(header.length + lines[0]!.length, lines[1]!),
      };
    };
    const line = {
      segments: [] as number[],
      built: [] as object[],
      leaving: [],
      known: [],
      kept: [],
    };
    const tileOutside = {
      ...built,
      file: OUTSIDE,
      bytes: 8,
      sum: 0,
      areas: [0],
      parts: [0, 0, 1, 0],
    };
    for (const [shuffles, its] of [
      [[], { ...line, built: [tileOutside] }],
      [[OUTSIDE], { ...line, segments: [0, 0, 0, 0, 0, 0, 1, 0, 8, 0] }],
      [[], { ...line, segments: [0, 0, 5, 0, 0, 0, 1, 0, 8, 0] }],
    ] as [string[], object][]) {
      const merge = { folder, runId, partition: 0, adopt: true, ...planned(shuffles, its) };
      await assert.rejects(call('staging.merge', merge), { code: 'staged-folder' });
    }
    assert.equal(readFileSync(join(victim, 'text'), 'utf8'), 'precious');
    assert.deepEqual(hashFolder(at.staged), before);
    assert.ok(existsSync(tile[0]!));
  });
});
