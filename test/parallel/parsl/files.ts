/** Files that tasks hand on. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bashApp, File, type Files, sh } from '../../../src/parallel.ts';
import { type Case, failureOf, fn } from './kit.ts';

const FILE = 'test_staging/test_file.py';
const APPS = 'test_staging/test_file_apps.py';

const concatenate = bashApp(({ inputs, outputs }: Files) => sh`cat ${inputs} > ${outputs[0]}`);
const echo = bashApp(
  (message: unknown, { outputs }: Files) => sh`echo ${String(message)} > ${outputs[0]}`,
);
const read = ({ path }: File): string => readFileSync(path, 'utf8');

export const files: Case[] = [
  {
    name: 'a file of a URL, of a path and of a relative path',
    after: FILE,
    on: ['threads'],
    async run() {
      for (const [given, path] of [
        ['file:///data/a.txt', '/data/a.txt'],
        ['/data/a.txt', '/data/a.txt'],
        ['./a.txt', resolve('a.txt')],
      ] as const) {
        const file = new File(given);
        assert.equal(file.scheme, 'file');
        assert.equal(file.filepath, path);
        assert.equal(file.filename, 'a.txt');
        assert.equal(file.url, pathToFileURL(path).href);
      }
    },
  },
  {
    name: 'a file stands for its path where a text is wanted',
    after: FILE,
    on: ['threads'],
    async run({ file }) {
      writeFileSync(`${file('it is.txt')}`, 'Hello');
      assert.equal(read(file('it is.txt')), 'Hello');
      assert.equal(file('it is.txt').cleancopy().path, file('it is.txt').path);
    },
  },
  {
    name: 'a file arrives on the worker as a file',
    after: 'test_staging/test_1316.py',
    async run({ file }) {
      const one = file('one.txt');
      assert.deepEqual(await fn.describe(one), ['File', one.path, 'file']);
    },
  },
  {
    name: 'a file comes back as a file',
    after: 'test_staging/test_file_staging.py',
    async run({ file }) {
      const one = await fn.same({ files: [file('one.txt')] });
      assert.ok(one.files[0] instanceof File);
      assert.equal(one.files[0].path, file('one.txt').path);
    },
  },
  {
    name: 'a file elsewhere is refused, with what to do',
    after: 'test_staging/test_staging_https.py',
    on: ['threads'],
    differs: 'Parsl fetches it, before the task or in it',
    async run() {
      for (const scheme of ['http', 'https', 'ftp', 'globus', 'zip']) {
        const wrong = (): File => new File(`${scheme}://example.org/a.txt`);
        assert.throws(wrong, { code: 'usage', message: new RegExp(`\\(${scheme}:\\)`) }, scheme);
      }
    },
  },
  {
    name: 'a command reads all its inputs',
    after: APPS,
    async run({ file }) {
      for (const i of [1, 2]) writeFileSync(file(`${i}`).path, `${i}\n`);
      const inputs = [file('1'), file('2')];
      const future = concatenate.with({ inputs, outputs: [file('all')] })();
      assert.equal(read(await future.outputs[0]!), '1\n2\n');
    },
  },
  {
    name: 'a function writes all its outputs',
    after: 'test_docs/test_kwargs.py',
    async run({ file }) {
      const outputs = [file('output-0.txt'), file('output-1.txt')];
      await fn.writeTo.with({ outputs })('Hello!');
      assert.deepEqual(outputs.map(read), ['Hello!', 'Hello!']);
    },
  },
  {
    name: 'outputs of tasks in a loop',
    after: 'test_python_apps/test_outputs.py',
    async run({ file }) {
      const all = [0, 1, 2].map((i) => fn.writeTo.with({ outputs: [file(`${i}`)] })(`${i}`));
      const written = await Promise.all(all.map(({ outputs }) => outputs[0]!));
      assert.deepEqual(written.map(read), ['0', '1', '2']);
    },
  },
  {
    name: 'a function reads a file and writes another',
    after: 'test_staging/test_docs_1.py',
    async run({ file }) {
      writeFileSync(file('in').path, 'to be converted');
      const future = fn.upperCase.with({ inputs: [file('in')], outputs: [file('out')] })();
      assert.equal(read(await future.outputs[0]!), 'TO BE CONVERTED');
    },
  },
  {
    name: 'the name of a file is the same for who writes it and who reads it',
    after: 'test_staging/test_output_chain_filenames.py',
    async run({ file }) {
      const first = echo.with({ outputs: [file('simple-out.txt')] })('test');
      const name = bashApp(({ inputs, outputs }: Files) => sh`echo ${inputs[0]} > ${outputs[0]}`);
      const inputs = [first.outputs[0]!];
      const second = name.with({ inputs, outputs: [file('second.txt')] })();
      assert.equal(read(await second.outputs[0]!), `${file('simple-out.txt').path}\n`);
    },
  },
  {
    name: 'a command writes what a function reads',
    after: 'test_docs/test_from_slides.py',
    async run({ file }) {
      const hello = echo.with({ outputs: [file('hello1.txt')] })('Hello World!');
      const message = fn.readFrom.with({ inputs: [hello.outputs[0]!] })();
      assert.deepEqual(await message, ['Hello World!\n']);
    },
  },
  {
    name: 'a command saves what a function has made',
    after: 'test_docs/test_workflow1.py',
    async run({ file }) {
      const saved = echo.with({ outputs: [file('output.txt')] })(fn.double(21));
      assert.equal(read(await saved.outputs[0]!), '42\n');
    },
  },
  {
    name: 'files of many commands in one, and its sum: 5, 10 and 15 wide',
    after: 'test_docs/test_workflow4.py',
    async run({ file }) {
      for (const width of [5, 10, 15]) {
        const one = (i: number) => echo.with({ outputs: [file(`${width}-${i}`)] })(1);
        const inputs = Array.from({ length: width }, (_, i) => one(i).outputs[0]!);
        const all = concatenate.with({ inputs, outputs: [file(`${width}-all`)] })();
        assert.equal(await fn.sumOfFile(all.outputs[0]!), width);
      }
    },
  },
  {
    name: 'the future of a file is an argument like any other',
    after: 'test_staging/test_1316.py',
    async run({ file }) {
      const written = fn.writeTo.with({ outputs: [file('n')] })('1\n2\n');
      assert.equal(await fn.sumOfFile(written.outputs[0]!), 3);
      assert.equal(written.done(), true);
    },
  },
  {
    name: 'the future of a file fails with its task',
    after: 'test_staging/test_elaborate_noop_file.py',
    async run({ file }) {
      const failing = bashApp((_files: Files) => 'exit 4').with({ outputs: [file('never')] })();
      assert.equal(await failing.outputs[0]!.exception(), await failing.exception());
      assert.equal((await failureOf(fn.sumOfFile(failing.outputs[0]!))).code, 'dependency-failed');
    },
  },
  {
    name: 'a file that is not there when its task has ended well is named',
    after: 'test_staging/test_elaborate_noop_file.py',
    async run({ file }) {
      const forgetful = bashApp((_files: Files) => 'true').with({ outputs: [file('forgotten')] })();
      for (const future of [forgetful, forgetful.outputs[0]!]) {
        const error = await failureOf(future);
        assert.equal(error.code, 'task-failed');
        assert.match(error.message, /forgotten/);
      }
    },
  },
  {
    name: 'an input that nobody writes is not waited for',
    after: 'test_staging/test_docs_2.py',
    async run({ file, path }) {
      writeFileSync(file('test.txt').path, 'Hello\n');
      const cat = bashApp(({ inputs }: Files) => sh`cat ${inputs[0]}`);
      const stdout = path('stdout.txt');
      const future = cat.with({ inputs: [file('test.txt')], stdout })();
      assert.equal(await future, 0);
      assert.equal(readFileSync(stdout, 'utf8'), 'Hello\n');
    },
  },
];
