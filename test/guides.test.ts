/** The guides: every example is run, and the lists are complete. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { writeScenes } from '../bench/scenes.ts';
import { EXIT_CODES } from '../src/cli/arguments/help.ts';
import { configJsonSchema } from '../src/staging/configuration/config.ts';
import { PASSED_OVER } from '../src/staging/configuration/config-python.ts';
import { blocksOf, copyCheckout, ROOT, runGuide } from './guides.ts';
import { slurmMissing, startSlurm } from './integration/engines/slurm.ts';
import { listTiles, temporaryFolder } from './staging/support.ts';

const GUIDES = 'docs/guides';
const PARITY = join(ROOT, '../shared/parity.md');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

/** The words in backquotes or not in the first column of the tables of a text. */
function firstColumn(markdown: string): string[] {
  const cells = [...markdown.matchAll(/^\| ([^|]+?) +\|/gm)].map(([, cell]) => cell!);
  return cells.flatMap((cell) => {
    const quoted = [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);
    return quoted.length > 0 ? quoted : [cell];
  });
}

/** The words of a union of strings in a source file. */
function unionIn(path: string, type: string): string[] {
  const [, union] = new RegExp(`type ${type} =([^;]*);`).exec(read(path))!;
  return [...union!.matchAll(/'([^']+)'/g)].map(([, word]) => word!);
}

function section(markdown: string, title: string): string {
  const [, text] = new RegExp(`^#+ ${title}\\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(markdown) ?? [];
  assert.ok(text !== undefined, title);
  return text;
}

suite('guides', { concurrency: 2 }, () => {
  test('each of them is tested here', () => {
    assert.deepEqual(readdirSync(join(ROOT, GUIDES)).sort(), [
      'first-run.md',
      'on-a-cluster.md',
      'what-went-wrong.md',
      'your-own-files.md',
    ]);
  });

  test('first run', async (t) => {
    const folder = temporaryFolder(t);
    copyCheckout(folder);
    const printed = await runGuide(`${GUIDES}/first-run.md`, folder);
    assert.match(printed, /\nstaged +120,000 polygons in /);
    assert.match(printed, /895\.gpkg {2}\(GeoPackage, 1 layer\)\n/);
    assert.match(printed, /\n47 tiles\n47 tiles, 120,000 polygons\n$/);
    for (const name of ['tiles.png', 'counts.png'])
      assert.ok(existsSync(join(folder, 'demo', name)));
  });

  test('your own files', async (t) => {
    const folder = temporaryFolder(t);
    writeScenes(join(folder, 'input'), { seed: 5, count: 3, polygonsEach: 500 });
    await runGuide(`${GUIDES}/your-own-files.md`, folder);
    assert.ok(listTiles(join(folder, 'staged')).every((tile) => tile.includes('/13/')));
    assert.ok(listTiles(join(folder, 'staged-z12')).every((tile) => tile.includes('/12/')));
    assert.ok(existsSync(join(folder, 'counts.svg')));
  });

  test('what went wrong', async (t) => {
    const folder = temporaryFolder(t);
    writeScenes(join(folder, 'input'), { seed: 6, count: 1, polygonsEach: 200 });
    const printed = await runGuide(`${GUIDES}/what-went-wrong.md`, folder);
    assert.match(printed, /^state +finished/);
    assert.match(printed, /\ninput-missing has to be dealt with\n$/);
    const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8'));
    assert.equal(report.inputs[0].status, 'staged');
  });

  test('on a cluster', { skip: slurmMissing() }, async (t) => {
    const slurm = await startSlurm();
    t.after(() => slurm.stop());
    const folder = temporaryFolder(t);
    writeScenes(join(folder, 'input'), { seed: 7, count: 2, polygonsEach: 300 });
    const printed = await runGuide(`${GUIDES}/on-a-cluster.md`, folder, {
      env: slurm.env,
      edit: (_, code) => {
        const config = JSON.parse(code);
        const here = { partition: slurm.partition, address: '127.0.0.1', pollInterval: 0.5 };
        Object.assign(config.parallel, here, { maxBlocks: 1, coresPerNode: 1, memPerNode: 1 });
        return JSON.stringify({ ...config, parallel: { ...config.parallel, workerInit: ':' } });
      },
    });
    assert.match(printed, /\nstate +finished: \d+ tiles are staged\n/);
    const tiles = ['staged', 'staged-slurm', 'staged-array'].map((name) =>
      listTiles(join(folder, name)),
    );
    assert.ok(tiles[0]!.length > 0);
    assert.deepEqual(tiles[1], tiles[0]);
    assert.deepEqual(tiles[2], tiles[0]);
    await slurm.waitIdle(20_000);
  });
});

test('what went wrong has every error code, exit code and reason, and no other', () => {
  const page = read(`${GUIDES}/what-went-wrong.md`);
  const codes = unionIn('src/core/errors.ts', 'ErrorCode');
  assert.ok(codes.length > 30);
  const named = [...section(page, 'Messages').matchAll(/^- `([^`]+)`: /gm)].map(
    ([, code]) => code!,
  );
  assert.deepEqual(named.sort(), codes.sort());
  const exits = firstColumn(section(page, 'Exit codes')).filter((cell) => /^\d+$/.test(cell));
  assert.deepEqual(
    exits.map(Number),
    EXIT_CODES.map(([code]) => code),
  );
  const missing = section(page, 'Features that are missing');
  const reasons = [...missing.matchAll(/^- \*\*([^*]+)\*\*: /gm)].map(([, reason]) => reason!);
  assert.deepEqual(reasons, unionIn('src/core/drops.ts', 'DropReason'));
});

test('coming from Python has every option of both sides', () => {
  const page = read('docs/from-python.md');
  const options = [...section(page, 'Options').matchAll(/`(\w+)`/g)].map(([, name]) => name!);
  // Every key that a configuration file may have in snake_case.
  const { properties } = configJsonSchema() as { properties: Record<string, object> };
  const keys = Object.keys(properties).filter(
    (key) => /^[a-z_]+$/.test(key) && key !== 'properties',
  );
  assert.ok(keys.length > 25);
  for (const key of keys.filter((name) => name !== 'z')) assert.ok(options.includes(key), key);
  // Those that it refuses by name.
  const [, refused] = /PYTHON_ONLY.*?`(.*?)`/s.exec(
    read('src/staging/configuration/config-python.ts'),
  )!;
  const names = refused!.trim().split(/\s+/);
  assert.ok(names.length > 10);
  for (const name of names) assert.ok(options.includes(name), name);
  for (const name of Object.keys(PASSED_OVER)) assert.ok(options.includes(name), name);
  for (const name of names) assert.ok(!keys.includes(name), `${name} is there by now`);
});

test('coming from Python has every option that was seen', {
  skip: !existsSync(PARITY) && 'the folder ../shared is not there',
}, () => {
  const page = read('docs/from-python.md');
  const words = [...readFileSync(PARITY, 'utf8').matchAll(/`([a-z]+_[a-z_]+)`/g)].map(
    ([, word]) => word!,
  );
  const options = words.filter((word) =>
    /^(dir|ext|filename|deduplicate|simplify|tms|z|prop|input|tile)_/.test(word),
  );
  assert.ok(new Set(options).size > 10);
  for (const option of options) assert.ok(page.includes(`\`${option}\``), option);
  for (const column of [...readFileSync(PARITY, 'utf8').matchAll(/\bstaging_\w+/g)].map(
    ([name]) => name,
  )) {
    const property = `prop_${column.slice('staging_'.length)}`;
    if (!['prop_summary'].includes(property)) assert.ok(page.includes(`\`${property}\``), property);
  }
});

test('blocks of the guides say what they are', () => {
  for (const name of readdirSync(join(ROOT, GUIDES))) {
    for (const block of blocksOf(`${GUIDES}/${name}`)) {
      assert.ok(['sh', 'json', 'ts'].includes(block.language), `${name}: ${block.language}`);
      assert.equal(block.language === 'json', block.name !== '', name);
    }
  }
});
