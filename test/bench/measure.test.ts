import assert from 'node:assert/strict';
import { test } from 'node:test';
import { measure, spread, spreadOf } from '../../bench/measure.ts';

const skip = process.platform === 'linux' ? false : 'measuring needs /proc';
/** Touches `megabytes` and uses at least 0.1 s of CPU time. */
const code = (megabytes: number): string =>
  `const kept = new Uint8Array(${megabytes}e6).fill(1);
   const cpu = process.cpuUsage();
   while (process.cpuUsage(cpu).user < 100_000 || kept[0] !== 1);`;

test('measures the memory and CPU time of a command', { skip }, async () => {
  const run = await measure(process.execPath, ['-e', code(200)]);
  assert.ok(run.peakProcessBytes > 200e6 && run.peakProcessBytes < 400e6);
  assert.ok(run.cpuSeconds >= 0.1 && run.wallSeconds >= 0.1);
});

test('counts descendants in', { skip }, async () => {
  const script = '"$0" -e "$1" & "$0" -e "$1"; wait';
  const run = await measure('sh', ['-c', script, process.execPath, code(100)]);
  assert.ok(run.peakProcessBytes > 100e6 && run.peakProcessBytes < 200e6);
  assert.ok(run.peakTreeBytes >= run.peakProcessBytes);
  assert.ok(run.cpuSeconds >= 0.2);
});

test('a command that fails is an error that says why', { skip }, async () => {
  const failing = measure(process.execPath, ['-e', 'console.error("no tiles"); process.exit(3)']);
  await assert.rejects(measure('true', []), /one command/);
  await assert.rejects(failing, /exit code 3: no tiles/);
  await assert.rejects(measure('no-such-command', []), /ENOENT/);
});

test('spread gives minimum, median and maximum', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { min: 1, median: 2, max: 3 });
  assert.deepEqual(spreadOf([4, 1, 2, 10]), { min: 1, median: 3, max: 10 });
  assert.throws(() => spreadOf([]), RangeError);
  const run = { wallSeconds: 2, cpuSeconds: 3, peakProcessBytes: 5, peakTreeBytes: 7 };
  assert.deepEqual(spread([run]).peakTreeBytes, { min: 7, median: 7, max: 7 });
});
