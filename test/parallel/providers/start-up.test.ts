/** How workers are started: the login shell, the flags of Node.js, launchers. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { inheritedFlags } from '../../../src/core/program.ts';
import {
  type LauncherOption,
  launcherOf,
  MpiExecLauncher,
  SrunLauncher,
  WrappedLauncher,
} from '../../../src/parallel/providers/launcher.ts';
import { loginShell } from '../../../src/parallel/providers/login-shell.ts';

function folderFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'tilewright-start-up-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function program(folder: string, name: string, lines: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** Runs a program of its own, with Node's flags, whose app runs on a local block. */
function onBlock(
  t: TestContext,
  options: {
    /** Source of the module with the function `answer`. */
    apps: string;
    flags?: string[];
    provider?: string;
    htex?: string;
    env?: NodeJS.ProcessEnv;
    files?: Record<string, string>;
  },
): { out: string; err: string; code: number | null } {
  const folder = folderFor(t);
  for (const [name, text] of Object.entries(options.files ?? {})) {
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(join(folder, 'apps.ts'), options.apps);
  const source = new URL('../../../src/parallel.ts', import.meta.url).href;
  const main = join(folder, 'main.ts');
  writeFileSync(
    main,
    `import { app, Config, HighThroughputExecutor, load, LocalProvider } from '${source}';
    await using kernel = await load(new Config({ executors: [new HighThroughputExecutor({
      maxWorkers: 1, ${options.htex ?? ''}
      provider: new LocalProvider({ ${options.provider ?? ''} }) })] }));
    const future = app(new URL('./apps.ts', import.meta.url), 'answer')();
    console.log(JSON.stringify(await future.result().catch((error) => 'failed: ' + error.message)));`,
  );
  const { stdout, stderr, status } = spawnSync(process.execPath, [...(options.flags ?? []), main], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    cwd: folder,
    timeout: 60_000,
  });
  return { out: stdout.trim(), err: stderr, code: status };
}

suite('workerInit runs in a login shell', () => {
  const profile = `echo noise; echo more noise >&2; module() { export LOADED="$*"; }; read ignored
PATH=/usr/bin:/bin; export FROM_PROFILE=1\n`;
  const apps = `export const answer = () => [process.env.LOADED, process.env.FROM_PROFILE,
    process.env.FROM_FILE, process.env.PATH.split(':').includes('/somewhere/of/mine')];`;
  const initialPath = `/somewhere/of/mine:${process.env['PATH']}`;

  test('commands of the profile, source, exports; what the profile prints or reads is harmless', (t) => {
    const home = folderFor(t);
    writeFileSync(join(home, '.bash_profile'), profile);
    writeFileSync(join(home, 'activate'), 'export FROM_FILE=2\n');
    const init = JSON.stringify(`module load thing/1.2\nsource ${join(home, 'activate')}`);
    const env = { HOME: home, SHELL: '/bin/bash', PATH: initialPath };
    const { out, err } = onBlock(t, { apps, env, provider: `workerInit: ${init}` });
    assert.equal(out, JSON.stringify(['load thing/1.2', '1', '2', true]), err);
  });

  test('without workerInit no file of the shell is read', (t) => {
    const home = folderFor(t);
    writeFileSync(join(home, '.bash_profile'), 'exit 3\n');
    const { out } = onBlock(t, { apps, env: { HOME: home, PATH: initialPath } });
    assert.equal(out, '[null,null,null,true]');
  });

  test('what fails in it ends the block, with its message', (t) => {
    const provider = `workerInit: 'source /no/such/file'`;
    const { out } = onBlock(t, { apps, provider, env: { HOME: folderFor(t) } });
    assert.match(out, /failed: 3 blocks in a row.*\/no\/such\/file: No such file or directory/);
  });

  test("the user's own shell if its language is known, else bash", (t) => {
    const folder = folderFor(t);
    const shell = (name: string) => program(folder, name, 'exit 0');
    const path = process.env['PATH'];
    assert.deepEqual(loginShell({ SHELL: shell('zsh'), PATH: path }), [join(folder, 'zsh'), '-l']);
    for (const SHELL of [shell('fish'), shell('tcsh'), '/bin/sh', '', '/no/such/bash', undefined]) {
      assert.match(loginShell({ SHELL, PATH: path })[0]!, /\/bash$/);
    }
  });
});

suite('flags of Node.js', () => {
  test('what is about how modules load goes on, what is about this process does not', () => {
    const given = [
      '--import',
      'tsx',
      '--conditions=development',
      '-C',
      'x',
      '--test',
      '--no-warnings',
    ];
    given.push(
      '--test-name-pattern',
      'a',
      '--inspect=0.0.0.0:9229',
      '-e',
      'code',
      '--input-type=module',
    );
    given.push(
      '--max-old-space-size=4096',
      '--cpu-prof',
      '--env-file',
      '.env',
      '-r',
      './x.cjs',
      '--watch',
    );
    assert.deepEqual(inheritedFlags(given), [
      ...['--import', 'tsx', '--conditions=development', '-C', 'x', '--no-warnings'],
      ...['--max-old-space-size=4096', '-r', './x.cjs'],
    ]);
    // Node.js itself says how it writes down what it was given.
    const args = ['--no-warnings', '-e', 'console.log(JSON.stringify(process.execArgv))'];
    const written = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8' }),
    ) as string[];
    assert.deepEqual(inheritedFlags(written), ['--no-warnings']);
  });

  test('workers of a block have them', (t) => {
    const apps = `enum Color { Red = 7 }\nimport { v8 } from './hook.mjs';
      export const answer = () => [Color.Red, globalThis.hooked, process.execArgv.filter((f) => f.includes('stack'))];`;
    const files = { 'hook.mjs': 'globalThis.hooked = 1; export const v8 = 1;' };
    const flags = ['--experimental-transform-types', '--no-warnings', '--import', './hook.mjs'];
    const { out, err } = onBlock(t, {
      apps,
      files,
      flags,
      htex: `nodeOptions: ['--stack-size=900'],`,
    });
    assert.equal(out, '[7,1,["--stack-size=900"]]', err);
  });
});

suite('launchers', () => {
  /** What a launcher's lines do, where srun and mpiexec tell what they were given. */
  function run(t: TestContext, launcher: LauncherOption, env: Record<string, string>): string {
    const folder = folderFor(t);
    program(folder, 'srun', 'echo "srun: $*"');
    program(
      folder,
      'mpiexec',
      'echo "mpiexec: $*" | sed "s:/[^ ]*tmp[.][^ ]*:HOSTS:"; cat "$6"; exit 3',
    );
    program(folder, 'scontrol', 'printf "n1\\nn2\\n"');
    mkdirSync(join(folder, 'tmp'));
    const lines = launcherOf(launcher).wrap("node worker.js 'a b'", 2, 1);
    const { stdout, status } = spawnSync('/bin/bash', ['-c', lines], {
      encoding: 'utf8',
      env: { PATH: `${folder}:${process.env['PATH']}`, TMPDIR: join(folder, 'tmp'), ...env },
    });
    return `${stdout}${status}`;
  }

  test('srun has a task on each node, with its cores', (t) => {
    const env = { SLURM_CPUS_ON_NODE: '16' };
    const expected =
      'srun: --nodes=2 --ntasks=2 --ntasks-per-node=1 --cpus-per-task=16 --export=ALL --input=none ' +
      '--kill-on-bad-exit=0 --wait=0';
    assert.equal(run(t, 'srun', env), `${expected} node worker.js a b\n0`);
    const some = { ...env, SLURM_CPUS_PER_TASK: '4' };
    const less = expected.replace('=16', '=4');
    const launcher = new SrunLauncher({ overrides: '--mpi=none' });
    assert.equal(run(t, launcher, some), `${less} --mpi=none node worker.js a b\n0`);
  });

  test('mpiexec gets each host once, whoever names them, and its exit code is told', (t) => {
    const folder = folderFor(t);
    const file = (text: string): string => {
      const path = join(folder, `hosts${Math.random()}`);
      writeFileSync(path, text);
      return path;
    };
    const said = 'mpiexec: --bind-to none -n 2 --hostfile HOSTS node worker.js a b\nn1\nn2\n3';
    assert.equal(run(t, 'mpiexec', { PBS_NODEFILE: file('n2\nn1\nn1\n') }), said);
    assert.equal(run(t, 'mpiexec', { LSB_DJOB_HOSTFILE: file('n1\nn2\nn2\n') }), said);
    const grid = file('n2 4 all.q@n2 UNDEFINED\nn1 4 all.q@n1 UNDEFINED\n');
    assert.equal(run(t, 'mpiexec', { PE_HOSTFILE: grid }), said);
    assert.equal(run(t, 'mpiexec', { SLURM_JOB_NODELIST: 'n[1-2]' }), said);
    const launcher = new MpiExecLauncher({ bindCmd: '--bind', overrides: '' });
    assert.equal(
      run(t, launcher, { SLURM_JOB_NODELIST: 'x' }),
      said.replace('--bind-to', '--bind'),
    );
  });

  test('a command before the command, or whatever an object makes of it', (t) => {
    assert.equal(run(t, new WrappedLauncher('env A=1 echo'), {}), 'node worker.js a b\n0');
    const own = { wrap: (command: string, nodes: number) => `echo ${nodes} ${command}` };
    assert.equal(run(t, own, {}), '2 node worker.js a b\n0');
  });
});
