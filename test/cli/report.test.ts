import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseArguments } from '../../src/cli/arguments/arguments.ts';
import type { ReportCommand } from '../../src/cli/arguments/report-arguments.ts';
import { reportCommand, textOptions } from '../../src/cli/commands/report.ts';
import type { TilewrightError } from '../../src/core/errors.ts';
import type { ReportJson } from '../../src/insight/report/json.ts';
import { recordPath } from '../../src/staging/recording/record-file.ts';
import { sampleAnalysis } from '../insight/sample-analysis.ts';
import { temporaryFolder } from '../staging/support.ts';

const command = (line: string): ReportCommand => {
  const parsed = parseArguments(`report ${line}`.trim().split(' '));
  assert.equal(parsed.command, 'report');
  return parsed as ReportCommand;
};

/** A folder with the records of two runs, `run-1` and `run-2`. */
function stagedFolder(t: TestContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, '.tilewright/records'), { recursive: true });
  const { run, end } = sampleAnalysis();
  for (const number of [1, 2]) {
    const startedAt = `2026-11-25T1${number}:00:00.000Z`;
    const lines = [{ ...run, runId: `run-${number}`, startedAt }, end];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    writeFileSync(recordPath(folder, startedAt, `run-${number}`), text);
  }
  return folder;
}

function output(t: TestContext, run: () => number): string {
  let text = '';
  const write = t.mock.method(process.stdout, 'write', (part: string) => {
    text += part;
    return true;
  });
  try {
    assert.equal(run(), 0);
  } finally {
    write.mock.restore();
  }
  return text;
}

test('the arguments of report', () => {
  assert.deepEqual(command('staged'), {
    command: 'report',
    folder: 'staged',
    json: false,
    html: null,
    run: 1,
  });
  const all = command('staged --json --html run.html --run 3');
  assert.deepEqual([all.json, all.html, all.run], [true, 'run.html', 3]);
  for (const line of ['', 'a b', 'a --run 0', 'a --run x', 'a --run 1.5', 'a --html']) {
    assert.throws(() => command(line), { code: 'usage' }, line);
  }
});

test('the last run, or one before', (t) => {
  const folder = stagedFolder(t);
  const last = output(t, () => reportCommand(command(folder)));
  assert.match(last, /^ {2}run +run-2, finished in/m);
  const before = output(t, () => reportCommand(command(`${folder} --run 2`)));
  assert.match(before, /^ {2}run +run-1, finished in/m);
  assert.throws(
    () => reportCommand(command(`${folder} --run 3`)),
    ({ code, message }: TilewrightError) => code === 'usage' && message.includes('2 runs'),
  );
  assert.throws(
    () => reportCommand(command(temporaryFolder(t))),
    ({ code, message }: TilewrightError) => code === 'staged-folder' && /no record/.test(message),
  );
});

test('as JSON and as a page', (t) => {
  const folder = stagedFolder(t);
  const file = join(folder, 'run.html');
  const json = output(t, () => reportCommand(command(`${folder} --json --html ${file}`)));
  const report = JSON.parse(json) as ReportJson;
  assert.equal(report.version, 1);
  assert.equal(report.run.runId, 'run-2');
  assert.deepEqual(report.end, sampleAnalysis().end);
  assert.equal(json.indexOf('\n'), json.length - 1);
  const page = readFileSync(file, 'utf8');
  assert.ok(page.includes('run-2, finished in'));
  const said = output(t, () => reportCommand(command(`${folder} --html ${file}`)));
  assert.deepEqual(said.split('\n'), [
    report.verdict.sentence,
    `${file}: the report with charts`,
    '',
  ]);
  assert.throws(() => reportCommand(command(`${folder} --html ${file}/in-a-file.html`)), {
    code: 'output-unwritable',
  });
});

test('colours are for terminals that want them', () => {
  assert.deepEqual(textOptions({ isTTY: true, columns: 80 }, {}), { width: 80, color: true });
  assert.equal(textOptions({ isTTY: true, columns: 80 }, { NO_COLOR: '1' }).color, false);
  assert.equal(textOptions({ isTTY: true, columns: 80 }, { NO_COLOR: '' }).color, true);
  assert.equal(textOptions({ isTTY: true, columns: 80 }, { TERM: 'dumb' }).color, false);
  const pipe = { isTTY: false, columns: 0 } as unknown as Parameters<typeof textOptions>[0];
  assert.deepEqual(textOptions(pipe, {}), { width: 100, color: false });
  const forced: [isTTY: boolean, environment: Record<string, string>, color: boolean][] = [
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '' }, true],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
    [true, { FORCE_COLOR: '0' }, false],
    [true, { FORCE_COLOR: 'false' }, false],
    [true, { FORCE_COLOR: '3', TERM: 'dumb' }, true],
  ];
  for (const [isTTY, environment, color] of forced) {
    const { color: found } = textOptions({ isTTY, columns: 80 }, environment);
    assert.equal(found, color, JSON.stringify([isTTY, environment]));
  }
});
