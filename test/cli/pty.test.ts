/** The command line in a real pseudo-terminal, whose size changes while it runs. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import { cellWidth } from '../../src/core/columns-of-text.ts';
import { folderLock } from '../../src/staging/folder/staged-folder.ts';
import { TileStager } from '../../src/staging/tile-stager.ts';
import { makeScenes } from '../faults/faults.ts';
import { runningRun } from '../insight/monitored-runs.ts';
import { hasProgram, temporaryFolder } from '../staging/support.ts';
import { VirtualTerminal } from './virtual-terminal.ts';

const CLI = join(import.meta.dirname, '../../src/cli/main.ts');
const PTY_RUN = join(import.meta.dirname, 'pty-run.py');

interface Happening {
  size?: [columns: number, rows: number];
  data?: string;
  resized?: true;
  code?: number;
}

/**
 * Runs a command in a terminal of these sizes, one after the other.
 * @param text - sizes change when it was written
 * @param look - gets the terminal just before each thing that happens to it
 */
async function runInTerminal(
  sizes: readonly (readonly [columns: number, rows: number])[],
  text: string,
  command: readonly string[],
  look: (terminal: VirtualTerminal, happening: Happening) => void = () => undefined,
): Promise<{ terminal: VirtualTerminal; code: number }> {
  const env = { ...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', TERM: 'xterm-256color' };
  const child = spawn('python3', [PTY_RUN, JSON.stringify(sizes), text, ...command], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const terminal = new VirtualTerminal(...sizes[0]!, true);
  let code = -1;
  let rest = '';
  for await (const chunk of child.stdout.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines) {
      const happening = JSON.parse(line) as Happening;
      look(terminal, happening);
      if (happening.size !== undefined) terminal.resize(...happening.size);
      if (happening.data !== undefined) terminal.write(happening.data);
      if (happening.code !== undefined) ({ code } = happening);
    }
  }
  return { terminal, code };
}

function skipsWithoutPython(t: TestContext): boolean {
  if (hasProgram('python3')) return false;
  t.skip('python3 is not on this machine (Debian: apt-get install python3)');
  return true;
}

suite('in a pseudo-terminal', () => {
  test('a run whose window changes leaves its report and its failures', async (t) => {
    if (skipsWithoutPython(t)) return;
    const folder = temporaryFolder(t);
    const scenes = makeScenes(join(folder, 'scenes'), 3, 100);
    const out = join(folder, 'out');
    // A folder that there is already can be locked.
    await new TileStager({ dirStaged: out, executor: 'inline' }).stage(scenes[0]!);
    const broken = join(folder, '壊れた.gpkg');
    writeFileSync(broken, 'no database');
    // Holds the run until the window has had all its sizes.
    const lock = await folderLock(out);
    let held = true;
    const release = (): void => {
      if (held) lock.release();
      held = false;
    };
    t.after(release);
    const sizes = [
      [100, 30],
      [60, 20],
      [50, 12],
      [120, 40],
      [90, 24],
    ] as const;
    const screens: { lines: string[]; columns: number; hidden: boolean }[] = [];
    const command = [process.execPath, CLI, 'stage', ...scenes, broken, '--out', out];
    const { terminal, code } = await runInTerminal(
      sizes,
      'waiting for',
      command,
      (screen, happening) => {
        if (happening.size !== undefined || happening.resized === true) {
          const { columns, cursorVisible } = screen;
          screens.push({ lines: screen.screen(), columns, hidden: !cursorVisible });
        }
        if (happening.resized === true) release();
      },
    );
    assert.equal(code, 1);
    assert.equal(screens.length, sizes.length + 1);
    // The screen as it was just before each further size, and before the run went on.
    for (const { lines, columns, hidden } of screens.slice(1)) {
      assert.equal(hidden, true);
      for (const line of lines) assert.ok(cellWidth(line) <= columns, line);
      const text = lines.join('\n');
      assert.equal(text.match(/✓ staging/g)?.length, 1, text);
      assert.equal(text.match(/▸ waiting for another run/g)?.length, 1, text);
      assert.equal(text.match(/1 failed/g)?.length, 1, text);
    }
    const end = terminal.everything();
    assert.match(end[0]!, /^failed: .*壊れた\.gpkg is not a GeoPackage/);
    const report = end.findIndex((line) => line.startsWith('inputs '));
    // Between the cause and the report there is nothing.
    const cause = end.slice(0, report).join(' ').replaceAll(/\s+/g, ' ');
    assert.match(cause, /^failed: [^ ]+ is not a Geo.* does not begin as an SQLite database does$/);
    assert.match(end[report]!, /^inputs +2 staged, 1 unchanged$/);
    assert.match(end.join('\n'), /^failed +1 input; the causes are told above$/m);
    assert.doesNotMatch(end.join('\n'), /[░█▸✓]/);
    assert.equal(terminal.cursorVisible, true);
  });

  test('a run that is monitored is followed to its end', async (t) => {
    if (skipsWithoutPython(t)) return;
    const path = join(temporaryFolder(t), 'run.db');
    const { run, task } = runningRun(path);
    const sizes = [
      [100, 30],
      [50, 9],
    ] as const;
    let seen = '';
    const command = [process.execPath, CLI, 'monitor', path];
    const { terminal, code } = await runInTerminal(
      sizes,
      'has run for',
      command,
      (screen, what) => {
        if (what.resized !== true || seen !== '') return;
        seen = screen.screen().join('\n');
        run.add({ ...task, state: 'done', at: Date.now() });
        run.write(Date.now());
      },
    );
    assert.equal(code, 0);
    assert.match(seen, /live\.ts has run for .*: 0 of 1 task ended/);
    const end = terminal.everything();
    assert.match(end[0]!, /^live\.ts has ended after .*: 1 task done/);
    assert.doesNotMatch(end.join('\n'), /has run for/);
    assert.equal(terminal.cursorVisible, true);
  });

  test('a program that dies of an error gives the cursor back', async (t) => {
    if (skipsWithoutPython(t)) return;
    const folder = temporaryFolder(t);
    const program = join(folder, 'dies.ts');
    const view = join(import.meta.dirname, '../../src/cli/progress/view.ts');
    writeFileSync(
      program,
      `import { progressOn } from ${JSON.stringify(view)};
       const view = await progressOn(process.stderr);
       view.update({ at: 0, type: 'phase-started', phase: 'stage', total: 10, tasks: 1, bytes: 1 });
       console.log('printed');
       setTimeout(() => { throw new Error('on purpose'); }, 300);`,
    );
    let hidden = false;
    const { terminal, code } = await runInTerminal(
      [[80, 24]],
      '',
      [process.execPath, program],
      (s) => {
        hidden ||= !s.cursorVisible;
      },
    );
    assert.equal(code, 1);
    assert.equal(hidden, true);
    assert.equal(terminal.cursorVisible, true);
    const text = terminal.everything().join('\n');
    assert.match(text, /^printed\n/);
    assert.match(text, /Error: on purpose/);
    assert.doesNotMatch(text, /[░█▸✓]/);
  });
});
