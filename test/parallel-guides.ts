/** The pages on `tilewright/parallel`: what is on them is run as it stands, against the package. */

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { guidePrograms, type Step } from '../scripts/guide-programs.ts';
import { redisMissing, startRedis } from './integration/engines/redis.ts';
import { slurmMissing, startSlurm } from './integration/engines/slurm.ts';

const ROOT = join(import.meta.dirname, '..');
/** What comes with the compiler by which the guide has its programs checked. */
const COMPILER = ['typescript', '@types/node', 'undici-types'];

type Run = (step: Step, env?: Record<string, string>) => Promise<void>;

/**
 * @param app - a folder where the package is installed
 */
export async function testParallelGuides(t: TestContext, app: string): Promise<void> {
  const guide = guidePrograms(ROOT, 'docs/parallel.md');
  const clusters = guidePrograms(ROOT, 'docs/parallel-clusters.md');
  const parsl = guidePrograms(ROOT, 'docs/from-parsl.md');
  const folder = join(app, 'guide');
  mkdirSync(folder);
  for (const [name, code] of [...guide.files, ...clusters.files, ...parsl.files]) {
    writeFileSync(join(folder, name), code);
  }
  mkdirSync(join(app, 'node_modules/@types'), { recursive: true });
  for (const name of COMPILER) {
    symlinkSync(join(ROOT, 'node_modules', name), join(app, 'node_modules', name));
  }
  const path = `${dirname(process.execPath)}${delimiter}${process.env['PATH']}`;
  const run: Run = async ({ command, output }, env = {}) => {
    const compiler = command.replace(/^npx tsc$/m, 'node ../node_modules/typescript/bin/tsc');
    const { stdout } = await promisify(execFile)('/bin/sh', ['-ec', compiler], {
      cwd: folder,
      env: { ...process.env, ...env, PATH: path },
      timeout: 120_000,
    });
    if (output !== null) assert.equal(stdout, output, command);
  };

  await t.test('the guide prints what it says', { concurrency: 2 }, async (one) => {
    // That much is done already.
    const steps = [...guide.steps, ...parsl.steps].filter(
      ({ command }) => !/^npm (init|install)/.test(command),
    );
    assert.equal(steps.length, guide.steps.length + parsl.steps.length - 2);
    assert.ok(steps.filter(({ output }) => output !== null).length >= 9);
    await Promise.all(steps.map((step) => one.test(step.command.split('\n')[0]!, () => run(step))));
  });

  const [slurm, queue, worker, arrays, ...more] = clusters.steps;
  assert.equal(more.length, 0);
  await t.test('providers of all batch systems take the options of the guide', () =>
    run({ command: 'node providers.ts', output: '' }),
  );

  await t.test('the guide through a queue', { skip: redisMissing() }, async () => {
    const redis = await startRedis();
    const env = { ...process.env, PATH: path, TILEWRIGHT_QUEUE: redis.url };
    const command = worker!.command.replace(/^npx (.*) --queue \S+/, 'exec npx $1');
    const hand = spawn('/bin/sh', ['-ec', command], { cwd: folder, env, stdio: 'ignore' });
    const ended = new Promise((resolve) => hand.once('exit', resolve));
    try {
      await run({ ...queue!, output: slurm!.output }, { TILEWRIGHT_QUEUE: redis.url });
    } finally {
      hand.kill('SIGTERM');
      await ended;
      await redis.stop();
    }
  });

  await t.test('the guide on Slurm', { skip: slurmMissing() }, async () => {
    const cluster = await startSlurm();
    try {
      for (const name of ['slurm.ts', 'arrays.ts']) {
        const here = clusters.files
          .get(name)!
          .replace("'compute'", `'${cluster.partition}'`)
          .replace("'login1'", "'127.0.0.1'")
          .replace("'module load nodejs/24'", "':'");
        writeFileSync(join(folder, name), here);
      }
      const onArrays = { ...arrays!, output: slurm!.output };
      await Promise.all([run(slurm!, cluster.env), run(onArrays, cluster.env)]);
      await cluster.waitIdle(20_000);
    } finally {
      await cluster.stop();
    }
  });
}
