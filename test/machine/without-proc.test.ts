/** Everything works where no /proc and no /sys tell about the system: what they tell is left out. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { hashFolder, runCli } from '../staging/support.ts';
import { layerAt, Workplace } from '../staging/workplace.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, 'without-proc.ts')).href;
const env = { NODE_OPTIONS: `--import=${PRELOAD}` };

suite('without /proc', () => {
  test('it is not there', async () => {
    const code = 'try { require("fs").readdirSync("/proc") } catch (e) { console.log(e.code) }';
    const { spawnSync } = await import('node:child_process');
    const { stdout } = spawnSync(process.execPath, ['-e', code], {
      encoding: 'utf8',
      env: { ...process.env, ...env },
    });
    assert.equal(stdout, 'ENOENT\n');
  });

  for (const executor of ['inline', 'threads', 'local']) {
    test(`${executor} stages the same tiles, and reports`, async (t) => {
      const at = new Workplace(t);
      at.write('a.gpkg', layerAt([0, 1]));
      at.write('b.gpkg', layerAt([1, 2], 2));
      const staged = async (out: string, more: { env?: Record<string, string> }) => {
        const args = ['stage', at.input, '-o', out, '--executor', executor, '--workers', '2'];
        const { code, stderr } = await runCli(args, more);
        assert.equal(code, 0, stderr);
        return hashFolder(join(out, 'WGS1984Quad'));
      };
      const expected = await staged(join(at.base, 'with'), {});
      assert.deepEqual(await staged(at.staged, { env }), expected);
      const report = await runCli(['report', at.staged], { env });
      assert.equal(report.code, 0, report.stderr);
      assert.match(report.stdout, /\S/);
      assert.equal((await runCli(['status', at.staged], { env })).code, 0);
    });
  }

  test('estimates', async (t) => {
    const at = new Workplace(t);
    at.write('a.gpkg', layerAt([0, 1, 2]));
    const { code, stderr, stdout } = await runCli(['estimate', at.input, '--json'], { env });
    assert.equal(code, 0, stderr + stdout);
  });
});
