/**
 * Arguments of tasks come from anybody who can write to a queue: nothing in them says which code a
 * worker imports. Which it is, is in the task's name, by what the worker has registered.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN_COMMAND_URL } from '../../src/parallel/apps/register-commands.ts';
import { callFunction } from '../../src/parallel/inside/call.ts';
import { Registry } from '../../src/parallel/registry.ts';
import { commandTask } from '../parallel/apps/support.ts';

const registry = new Registry([
  ['staging', new URL('../../src/staging/tasks/tasks.ts', import.meta.url).href],
  ['bash-app', RUN_COMMAND_URL],
  ['lines', new URL('../formats/json-lines.ts', import.meta.url).href],
  ['commands', new URL('../parallel/apps/commands.ts', import.meta.url).href],
]);

let number = 0;

/** A location as only the registry of a worker may make it, of code that says that it was run. */
function forged(exportName: string): { name: string; url: string; exportName: string } {
  const code = `globalThis.imported = ${++number}; export const ${exportName} = () => 'true'`;
  const url = `data:text/javascript,${encodeURIComponent(code)}`;
  return { name: `forged.${exportName}`, url, exportName };
}

const imported = (): unknown => (globalThis as { imported?: number }).imported;

async function run(name: string, args: readonly unknown[]): Promise<unknown> {
  const location = registry.locate(name);
  return (await callFunction({ location, args, progress: () => undefined })).value;
}

const NAMES = [
  'staging.stage',
  'staging.stage+lines.registerFormats',
  'staging.merge',
  'staging.merge+lines.registerFormats',
  'staging.derive',
  'staging.derive+commands.greet',
  'staging.derive+commands.greet+lines.registerFormats',
  'bash-app.runMade',
];

test('no location in the arguments of a task is followed', async () => {
  for (const name of NAMES) {
    for (const exportName of ['registerFormats', 'make']) {
      const tiles = [{ z: 0, x: 0, y: 0, isOurs: true, sources: null, children: [] }];
      const settings = { tmsDefinition: '{}' };
      const product = { name: 'a', extension: '.b' };
      const own = name.includes('runMade')
        ? commandTask()
        : { folder: '/nowhere', work: '/nowhere', settings, product, tiles };
      const location = forged(exportName);
      const chained = {
        ...registry.locate('lines.registerFormats'),
        next: location,
        first: location,
      };
      const lists = [
        [location, own],
        [location, own, []],
        [own, location],
        [chained, own],
        [location],
      ];
      for (const args of [...lists, [{ ...own, next: location, first: location }, []]]) {
        await run(name, args).catch(() => undefined);
        assert.equal(imported(), undefined, `${name}, ${JSON.stringify(args)}`);
      }
    }
  }
  // The same code, if somebody imports it.
  await import(forged('make').url);
  assert.equal(imported(), number);
});

test('tasks that need a function of their name say so where it has none', async () => {
  for (const name of ['staging.derive', 'bash-app.runMade']) {
    await assert.rejects(run(name, [commandTask(), []]), {
      code: 'task-unknown',
      message: /names no/,
    });
  }
});

test('of a chain of names each function gets the next one', async () => {
  const made = await run('bash-app.runMade+commands.greet', [
    commandTask({ capture: 'text' }),
    ['you'],
  ]);
  assert.deepEqual(made, { exitCode: 0, stdout: 'hello you\n', stderr: '' });
});

test('modules of all functions of a name tell whether a worker has what a task needs', () => {
  const task = 'staging.stage+lines.registerFormats';
  const staging = registry.modules().find(([name]) => name === 'staging')!;
  const of = (text: string): [string, string] => ['lines', `data:text/javascript,${text}`];
  const [one, same, other] = ['1', '1', '2'].map((text) => new Registry([staging, of(text)]));
  const none = new Registry([staging]);
  const sent = one!.fingerprintsOf(task);
  assert.equal(same!.foreignModule(task, sent), undefined);
  assert.equal(other!.foreignModule(task, sent), 'lines');
  assert.equal(none.foreignModule(task, sent), 'lines');
  assert.equal(new Registry().foreignModule(task, sent), 'staging');
  assert.equal(
    none.foreignModule('staging.stage', none.fingerprintsOf('staging.stage')),
    undefined,
  );
  // Not even where the coordinator has none.
  assert.equal(one!.foreignModule(task, none.fingerprintsOf(task)), 'lines');
  assert.equal(none.foreignModule(task, none.fingerprintsOf(task)), 'lines');
  assert.equal(one!.foreignModule(task, ''), 'staging');
});
