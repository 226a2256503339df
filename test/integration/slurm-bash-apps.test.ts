/** Commands and files through Slurm: as array jobs, and in blocks. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import {
  app,
  BashExitFailure,
  bashApp,
  Config,
  File,
  type Files,
  load,
  sh,
} from '../../src/parallel.ts';
import type * as Commands from '../parallel/apps/commands.ts';
import { makeArrays, makeBlocks } from './slurm-executors.ts';
import { skip, useCluster } from './slurm-support.ts';

suite('bash apps on Slurm', { skip }, () => {
  const cluster = useCluster();
  for (const [where, make] of Object.entries({ arrays: makeArrays, blocks: makeBlocks })) {
    test(`hand files on, and say how they failed: ${where}`, async () => {
      const folder = join(cluster.folder, where);
      {
        await using _kernel = await load(
          new Config({ executors: [make(join(folder, 'run'))], retries: 0 }),
        );
        const write = bashApp((n: number, { outputs }: Files) => sh`seq ${n} > ${outputs}`);
        const count = bashApp((file: File) => sh`wc -l < ${file}`, { capture: true });
        const written = write.with({ outputs: [new File(join(cluster.folder, `${where} out`))] })(
          7,
        );
        assert.equal((await count(written.outputs[0]!)).stdout.trim(), '7');
        const log = join(folder, 'log');
        const url = new URL('../parallel/apps/commands.ts', import.meta.url);
        await app<typeof Commands.chatter>(url, 'chatter', { stdout: log })(3);
        assert.equal(readFileSync(log, 'utf8'), '1\n2\n3\n');
        const error = await bashApp(() => 'echo no lake >&2; exit 4')
          .with({ stderr: join(folder, 'err') })()
          .exception();
        assert.ok(error?.cause instanceof BashExitFailure);
        assert.deepEqual([error.cause.exitCode, error.cause.stderr], [4, 'no lake\n']);
      }
      await cluster.nothingLeft();
    });
  }
});
