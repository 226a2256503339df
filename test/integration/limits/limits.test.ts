/** What holds runs back is gone with the test, also when that is killed. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { suite, test } from 'node:test';
import { processesWith, waitUntil } from '../engines/processes.ts';
import { limitsMissing } from './control-group.ts';
import { remoteMissing } from './remote-folder.ts';

const HOLDER = `
  const { LimitedRuns } = await import('./limited-runs.ts');
  const { ControlGroup } = await import('./control-group.ts');
  const { mountRemote } = await import('./remote-folder.ts');
  const { createNamespace } = await import('../engines/network.ts');
  const { spawn } = await import('node:child_process');
  const { ENGINE } = await import('../engines/daemon.ts');
  const { mkdirSync } = await import('node:fs');
  const runs = new LimitedRuns();
  mkdirSync(runs.folder + '/inputs');
  const namespace = await createNamespace();
  await mountRemote(runs.folder, runs.folder + '/inputs', namespace);
  const group = new ControlGroup(runs.folder.split('/').pop() + '-1', { memory: 1e9, cores: 1 });
  const [program, ...words] = [...group.run, 'sleep', '300'];
  spawn(program, words, { env: { ...process.env, [ENGINE]: runs.folder }, stdio: 'ignore' });
  console.log(runs.folder + ' ' + namespace.name);
  setInterval(() => undefined, 1000);`;

const skip = limitsMissing({ memory: 1, cores: 1 }) || remoteMissing();

suite('limits', { skip }, () => {
  test('a test is killed: its groups, mounts, namespaces and processes are gone', async (t) => {
    const holder = spawn(process.execPath, ['--input-type=module', '-e', HOLDER], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => holder.kill('SIGKILL'));
    const [text] = (await once(holder.stdout, 'data')) as [Buffer];
    const [folder = '', namespace = ''] = text.toString().trim().split(' ');
    const left = (): string[] => [
      ...processesWith((variables) => variables.some((each) => each.includes(folder))).map(
        ({ command }) => command,
      ),
      ...readFileSync('/proc/self/mounts', 'utf8')
        .split('\n')
        .filter((line) => line.includes(folder)),
      ...globSync(`/sys/fs/cgroup/**/${basename(folder)}-*`),
      ...[folder, join('/run/netns', namespace)].filter((path) => existsSync(path)),
    ];
    const before = left().join('\n');
    for (const thing of ['sleep 300', 'sshfs -f', 'fuse.sshfs', '/sys/fs/cgroup', '/run/netns']) {
      assert.ok(before.includes(thing), `${thing} in ${before}`);
    }
    holder.kill('SIGKILL');
    await waitUntil(() => left().length === 0, 20_000, 'the guards to clean up').catch((error) => {
      throw new Error(left().join('\n'), { cause: error });
    });
  });
});
