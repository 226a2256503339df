/** Failures of one kind are told once, with their number and first names; the JSON has each. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { FailureTexts } from '../../src/cli/progress/failure-text.ts';
import { repeatedLines } from '../../src/cli/progress/repeats.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import { WorkerNames } from '../../src/insight/progress/words.ts';
import type { RunEvent } from '../../src/staging/telling/events.ts';
import type { Phase } from '../../src/staging/telling/phases.ts';
import { resultOf } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

const told = (name: string, text: string) => ({ name, text });

test('texts are of one kind that differ in names and numbers alone', () => {
  const all = [
    told('a.gpkg', 'a.gpkg: none of its 25 features'),
    told('b.gpkg', 'b.gpkg: none of its 1,024 features'),
    told('z.gpkg', 'z.gpkg: another'),
    told('c 7.gpkg', 'c 7.gpkg: none of its -1.5e3 features'),
    told('d.gpkg', 'd.gpkg: none of its 3 features'),
    told('y.gpkg', 'y.gpkg: another'),
  ];
  assert.deepEqual(repeatedLines(all, 'inputs'), [
    '4 inputs (a.gpkg, b.gpkg, c 7.gpkg, …), the first: a.gpkg: none of its 25 features',
    'z.gpkg: another',
    'y.gpkg: another',
  ]);
  const three = ['a', 'b', 'c'].map((name) => ({
    name,
    aliases: [`/in/${name}`],
    text: `no /in/${name}`,
  }));
  assert.deepEqual(repeatedLines(three, 'files'), ['3 files (a, b, c), the first: no /in/a']);
});

suite('while a run goes on', () => {
  const phase = (name: Phase): RunEvent => {
    return { at: 0, type: 'phase-started', phase: name, total: 0, tasks: 0, bytes: 0 };
  };
  const ended = (name: Phase): RunEvent => ({ at: 0, type: 'phase-ended', phase: name });
  const failed = (input: string, message: string, code: ErrorCode = 'crs-missing'): RunEvent => {
    return { at: 0, type: 'input-failed', input, error: { code, message: `${input} ${message}` } };
  };
  const names = Array.from({ length: 400 }, (_, i) => `scene-${i}.gpkg`);

  test('what fails in planning is told at the end of it', () => {
    const texts = new FailureTexts(new WorkerNames());
    assert.deepEqual(texts.update(phase('plan')), []);
    for (const name of names) assert.deepEqual(texts.update(failed(name, 'has no CRS')), []);
    assert.deepEqual(texts.update(failed('odd.shp', 'is cut short')), []);
    assert.deepEqual(texts.update(ended('plan')), [
      {
        text:
          'failed: 400 inputs (scene-0.gpkg, scene-1.gpkg, scene-2.gpkg, …), the first: ' +
          'scene-0.gpkg has no CRS',
        final: true,
      },
      { text: 'failed: odd.shp is cut short', final: true },
    ]);
    assert.deepEqual(texts.end(), []);
  });

  test('what fails later is told at once, and how often at the end of the phase', () => {
    const texts = new FailureTexts(new WorkerNames());
    texts.update(phase('stage'));
    const first = texts.update(failed(names[0]!, 'is cut short'));
    assert.deepEqual(first, [{ text: 'failed: scene-0.gpkg is cut short', final: true }]);
    for (const name of names.slice(1))
      assert.deepEqual(texts.update(failed(name, 'is cut short')), []);
    const retried = (task: number): RunEvent => ({
      ...{
        at: 1,
        type: 'task-ended',
        phase: 'stage',
        task,
        subject: names[task]!,
        part: 1,
        parts: 1,
      },
      ...{
        worker: `node/1/${task}`,
        attempt: 1,
        bytes: 1,
        submittedAt: 0,
        startedAt: 0,
        usage: null,
      },
      ...{ error: { code: 'worker-died', message: 'The worker died' }, retried: true },
    });
    assert.match(
      texts.update(retried(0))[0]!.text,
      /^tried again: scene-0\.gpkg, attempt 1 on worker 1: /,
    );
    for (let task = 1; task < 20; task++) assert.deepEqual(texts.update(retried(task)), []);
    assert.deepEqual(texts.update(ended('stage')), [
      {
        text: 'failed: 399 more inputs, like scene-0.gpkg: scene-1.gpkg, scene-2.gpkg, scene-3.gpkg, …',
        final: true,
      },
      {
        text: 'tried again: 19 more tasks, like scene-0.gpkg: scene-1.gpkg, scene-2.gpkg, scene-3.gpkg, …',
        final: false,
      },
    ]);
    // Between phases many come at once.
    for (const name of names.slice(0, 3))
      assert.deepEqual(texts.update(failed(name, 'is empty')), []);
    assert.equal(texts.update(phase('merge')).length, 1);
  });

  test('nothing is lost: each failure is told or counted', () => {
    for (let count = 0; count < 9; count++) {
      for (const name of ['plan', 'stage'] as const) {
        const texts = new FailureTexts(new WorkerNames());
        texts.update(phase(name));
        const printed = names.slice(0, count).flatMap((input) => texts.update(failed(input, 'x')));
        printed.push(...texts.end());
        const sum = printed.reduce(
          (all, { text }) => all + Number(/(\d+) (more )?inputs/.exec(text)?.[1] ?? 1),
          0,
        );
        assert.equal(sum, count, JSON.stringify(printed));
      }
    }
  });
});

test('the command tells each kind once; its JSON has each', async (t) => {
  const at = new Workplace(t);
  at.write('good.gpkg', layerAt([0]));
  for (let i = 0; i < 12; i++) at.write(`bad-${i}.gpkg`, { ...layerAt([0]), srsId: 0 });
  const bytes = readFileSync(join(at.input, 'good.gpkg'));
  for (const name of ['cut-1.gpkg', 'cut-2.gpkg', 'cut-3.gpkg']) {
    writeFileSync(join(at.input, name), bytes.subarray(0, 3 * 4096));
  }
  for (const options of [[], ['--quiet']]) {
    const { code, stderr } = await at.run(...options);
    assert.equal(code, 1);
    const lines = stderr.split('\n').filter((line) => line.startsWith('failed: '));
    assert.equal(lines.length, 2, stderr);
    assert.match(
      lines[0]!,
      /^failed: 12 inputs \(bad-0\.gpkg, bad-1\.gpkg, bad-10\.gpkg, …\), the first: bad-0\.gpkg does not say/,
    );
    assert.match(
      lines[1]!,
      /^failed: 3 inputs \(cut-1\.gpkg, cut-2\.gpkg, cut-3\.gpkg\), the first: /,
    );
  }
  const { stdout } = await at.run('--json');
  assert.equal(stdout.match(/"type":"input-failed"/g)?.length, 15);
  assert.equal(resultOf(stdout).inputs.filter(({ status }) => status === 'failed').length, 15);
  const each = await at.run('--verbose');
  assert.ok((each.stderr.match(/^failed: /gm) ?? []).length >= 15);
});
