/** What calls are remembered by, and where their results are kept. */

import assert from 'node:assert/strict';

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

import { join } from 'node:path';
import { suite, test } from 'node:test';

import { isDeepStrictEqual } from 'node:util';
import { textOfArguments } from '../../../src/parallel/data-flow/memo/memo-key.ts';
import { hashModule, scan } from '../../../src/parallel/data-flow/memo/module-hash.ts';
import { app, Config, type ConfigOptions, InlineExecutor, load } from '../../../src/parallel.ts';
import { folderFor, MODULE, type Times, urlOf } from './memo-support.ts';

suite('the code that a call is remembered by', () => {
  const files = {
    'apps.ts':
      "import { factor } from './helper.ts';\nexport const f = (x: number): number => x * factor;",
    'helper.ts': "export * from './deep/most.mjs';\nexport const factor = 3;",
    'deep/most.mjs': "export const load = () => import('../late.js');",
    'late.js': "import { tidy } from 'tidy'; import data from './data.json' with { type: 'json' };",
    'data.json': '{ "a": 1 }',
    'node_modules/tidy/package.json':
      '{ "name": "tidy", "version": "1.2.3", "type": "module", "exports": { "import": "./t.js" } }',
    'node_modules/tidy/t.js': 'export const tidy = 1;',
    'other.ts': 'export type Other = number;',
  };

  test('changes with whatever the module imports', (t) => {
    const folder = folderFor(t, files);
    const hash = (): string => hashModule(urlOf(folder, 'apps.ts'));
    const before = hash();
    assert.equal(hash(), before);
    const change = (name: string, text: string): boolean => {
      writeFileSync(join(folder, name), text);
      const changed = hash() !== before;
      writeFileSync(join(folder, name), files[name as keyof typeof files]);
      assert.equal(hash(), before);
      return changed;
    };
    assert.equal(change('apps.ts', files['apps.ts'].replace('*', '/')), true);
    assert.equal(change('helper.ts', files['helper.ts'].replace('3', '4')), true);
    assert.equal(change('deep/most.mjs', `${files['deep/most.mjs']}export const b = 1;`), true);
    assert.equal(change('late.js', `${files['late.js']}tidy();`), true);
    assert.equal(change('data.json', '{ "a": 2 }'), true);
    const tidy = 'node_modules/tidy/package.json';
    assert.equal(change(tidy, files[tidy].replace('1.2.3', '1.2.4')), true);
    // A package stands by its version.
    assert.equal(change('node_modules/tidy/t.js', 'export const tidy = 2;'), false);
    assert.equal(change('other.ts', 'export type Other = string;'), false);
  });

  test('does not change with comments, white space, types and the place of the files', (t) => {
    const folder = folderFor(t, files);
    const before = hashModule(urlOf(folder, 'apps.ts'));
    for (const text of [
      `// first\n${files['apps.ts']} // last`,
      files['apps.ts'].replaceAll(' ', '  ').replace('*', '\n/* times */ *\t'),
      `${files['apps.ts']}\n\n\n`,
      files['apps.ts'].replaceAll(': number', ''),
      `import type { Other } from './other.ts';\n${files['apps.ts']}`,
    ]) {
      writeFileSync(join(folder, 'apps.ts'), text.replace('\n/* times */ *\t', '/* times */ *\t'));
      assert.equal(hashModule(urlOf(folder, 'apps.ts')), before, text);
    }
    assert.equal(hashModule(urlOf(folderFor(t, files), 'apps.ts')), before);
    // Neither circles nor what is not there keep it from its end.
    writeFileSync(
      join(folder, 'helper.ts'),
      "import './apps.ts'; import './gone.ts'; import 'no';",
    );
    assert.notEqual(hashModule(urlOf(folder, 'apps.ts')), before);
  });

  test('has all tokens that are no comments, and finds all imports', () => {
    const cases: [code: string, tokens: string, imports?: string[]][] = [
      ['a/b//c\n/d', 'a / b  / d'],
      ['x = /[/*]\\//g.test("/* no */")', 'x = /[/*]\\//g . test ( "/* no */" )'],
      // biome-ignore lint/suspicious/noTemplateCurlyInString: it is code
      ['`a // ${b /* c */} /* d */`', '`a // ${ b } /* d */`'],
      ['return\nx', 'return  x'],
      ['return /* \n */ x', 'return  x'],
      ['#!/bin/x\na', 'a'],
      ["import a, { b } from './a.js'", "import a , { b } from './a.js'", ['./a.js']],
      [
        "import './b'; export * as c from 'c'",
        "import './b' ; export * as c from 'c'",
        ['./b', 'c'],
      ],
      ["import(`./d`); require('e')", "import ( `./d` ) ; require ( 'e' )", ['./d', 'e']],
      ["// import 'f'\n'import g'", "'import g'"],
      ["import h from // i\n'./j'", "import h from  './j'", ['./j']],
    ];
    for (const [code, tokens, imports = []] of cases) {
      const found = scan(code);
      assert.equal(found.text.replaceAll('\n', ' '), tokens, code);
      assert.deepEqual(found.imports, imports, code);
    }
  });

  test('of this program stays the same with a comment after each of its lines', () => {
    const folder = new URL('../../../src/parallel/', import.meta.url);
    let lines = 0;
    for (const name of readdirSync(folder, { recursive: true }) as string[]) {
      if (!name.endsWith('.ts')) continue;
      const code = readFileSync(new URL(name, folder), 'utf8');
      const marked = code
        .split('\n')
        .map((line) => {
          if (line.includes('`') || !/^[^*/`]*[;{},]$/.test(line)) return line;
          lines++;
          return `${line} // it's "a" /comment/ \`here`;
        })
        .join('\n');
      // Texts of several lines are no place for comments.
      if (/`[^`]*\n[^`]*`/.test(code)) continue;
      assert.equal(scan(marked).text, scan(code).text, name);
      const changed = code.replace(/const (\w+) =/, 'const $1x =');
      if (changed !== code) assert.notEqual(scan(changed).text, scan(code).text, name);
    }
    assert.ok(lines > 500, `${lines} lines`);
  });
});

test('arguments have the same text if, and only if, they are the same values', () => {
  const cyclic: Record<string, unknown> = { a: 1 };
  cyclic.self = cyclic;
  const values: unknown[] = [
    ...[0, -0, 1, Number.NaN, Number.POSITIVE_INFINITY, 1n, '1', '', 'NaN', true, null, undefined],
    ...[
      [],
      {},
      [[]],
      [undefined],
      [null],
      new Array(1),
      new Array(2),
      ['a,b'],
      ['a', 'b'],
      ['a,', 'b'],
    ],
    ...[{ a: 1 }, { a: '1' }, { a: undefined }, { a: { b: 1 } }, { 'a":1,"b': 1 }],
    ...[new Map([[1, 2]]), new Map([['1', 2]]), new Map(), new Set(), new Set([1]), new Set([[1]])],
    ...[
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ],
    ...[new Uint8Array(3), new Uint8Array([0, 0, 1]), new Int8Array(3), new ArrayBuffer(3)],
    ...[Buffer.alloc(3), new Float64Array([-0]), new Float64Array([0]), new Float32Array([0])],
    ...[new Date(0), new Date(1), new Date(Number.NaN), /a/, /a/g, /b/],
    ...[new URL('file:///a'), new URL('file:///b'), 'file:///a'],
    ...[new Error('a'), new TypeError('a'), new Error('a', { cause: 1 }), new Error('b')],
    ...[cyclic, { a: 1, self: { a: 1 } }],
  ];
  const texts = values.map((value) => textOfArguments([value]));
  for (const [i, a] of values.entries()) {
    assert.ok(texts[i] !== null);
    for (const [j, b] of values.entries()) {
      assert.equal(texts[i] === texts[j], i === j, `${i} ${j}`);
      if (i !== j) assert.equal(isDeepStrictEqual(a, b) && !(a instanceof Map), false);
    }
    if (a !== cyclic) assert.equal(textOfArguments([structuredCloneOf(a)]), texts[i]);
  }
  assert.equal(textOfArguments([{ b: 2, a: 1 }]), textOfArguments([{ a: 1, b: 2 }]));
  assert.notEqual(textOfArguments([[1], [2]]), textOfArguments([[1], [2]], { each: true }));
  assert.equal(textOfArguments([() => 1]), null);
  assert.equal(textOfArguments([{ [Symbol('a')]: 1 }]), null);
  const ignoreForCache = [1, 'log'];
  assert.equal(
    textOfArguments([{ a: 1, log: 2 }, 3, 4], { ignoreForCache }),
    textOfArguments([{ a: 1, log: 5 }, 6, 4], { ignoreForCache }),
  );
  assert.notEqual(
    textOfArguments([{ a: 1 }, 3, 4], { ignoreForCache }),
    textOfArguments([{ a: 1 }, 3, 5], { ignoreForCache }),
  );
});

/** Where structured clone makes something else of it, the value itself. */
function structuredCloneOf(value: unknown): unknown {
  return Buffer.isBuffer(value) || value instanceof URL || value instanceof Error
    ? value
    : structuredClone(value);
}

suite('the memo', () => {
  const inline = (more: ConfigOptions = {}): Config =>
    new Config({ executors: [new InlineExecutor()], retries: 0, ...more });

  test('gives copies of results, without what is to be ignored, never errors', async (t) => {
    const folder = folderFor(t, { 'calls.mjs': MODULE });
    const file = join(folder, 'calls');
    const calls = (): number => readFileSync(file, 'utf8').length;
    const url = urlOf(folder, 'calls.mjs');
    await using kernel = await load(inline());
    const times = app<Times>(url, 'times', { cache: true, module: 'memo-calls' });
    const first = await times(file, 1);
    assert.deepEqual(first, { n: 1, at: new Map([[1, -0]]) });
    first.at.clear();
    assert.deepEqual(await times(file, 1), { n: 1, at: new Map([[1, -0]]) });
    assert.equal(calls(), 1);
    const loose = times.with({ ignoreForCache: [2] });
    await loose(file, 2, 'a');
    await loose(file, 2, 'b');
    assert.equal(calls(), 2);
    // None of them has ended when the others begin.
    await Promise.all([times(file, 3), times(file, 3)]);
    assert.equal(calls(), 4);
    const fails = app<(file: string) => never>(url, 'fails', { cache: true, module: 'memo-calls' });
    await assert.rejects(fails(file));
    await assert.rejects(fails(file));
    assert.equal(calls(), 6);
    assert.equal(kernel.counts.memoized, 2);
  });

  test('does not know of what has no text, which is told once, and harms no task', async (t) => {
    const warnings: string[] = [];
    t.mock.method(process, 'emitWarning', (text: string) => warnings.push(text));
    const executor = new InlineExecutor();
    // As threads of this process may: what they give needs no text.
    executor.run = async () => new SharedArrayBuffer(3);
    const folder = folderFor(t, { 'shared.mjs': MODULE });
    await using kernel = await load(new Config({ executors: [executor] }));
    const odd = app<() => SharedArrayBuffer>(urlOf(folder, 'shared.mjs'), 'odd', { cache: true });
    assert.equal((await odd()).byteLength, 3);
    assert.equal((await odd()).byteLength, 3);
    assert.equal(kernel.counts.memoized, 0);
    assert.equal(warnings.filter((text) => /not remembered.*share/.test(text)).length, 1);
  });
});
