/** What is listed of duplicates, against GEOS's pairs and the golden labels, and as files. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { type OverlapPair, readDuplicates } from '../../../src/staging/duplicates/duplicates.ts';
import { cutRegions } from '../../../src/staging/judging/regions.ts';
import { TileStager } from '../../../src/staging/tile-stager.ts';
import { suiteFolder } from '../../faults/faults.ts';
import { GOLDEN, goldenFeatures, goldenLabels } from '../../overlap/golden-scenes.ts';
import { NO_SHARED_DATA, readCsv, readTiles, runCli } from '../support.ts';
import { labelsOf, stageInto } from './deduplicate-support.ts';

const ABC = ['scene_a.gpkg', 'scene_b.gpkg', 'scene_c.gpkg'];
/** At the second, the tiles are so many that there are several regions. */
const LEVELS = [13, 19];

const nameOf = ({ input, position }: { input: string; position: number }): string =>
  `${input} ${position}`;

suite('three scenes', { skip: GOLDEN === null ? NO_SHARED_DATA : false }, () => {
  const base = suiteFolder();
  const folder = (z: number): string => join(base, String(z));
  const listed = (z: number, all = true): OverlapPair[] => [
    ...readDuplicates(folder(z)).pairs(all),
  ];

  test('all pairs that GEOS finds, each once, whatever the tiles', async () => {
    for (const z of LEVELS) {
      await stageInto(folder(z), {
        ...{ dirInput: join(GOLDEN!, 'input'), zRange: [0, z] },
        deduplicateMethod: 'neighbor',
        deduplicateKeepRules: [
          ['Date', 'larger'],
          ['Score', 'larger'],
        ],
      });
    }
    const tiles = Map.groupBy(readTiles(folder(19)), ({ tile }) => tile);
    const weighed = [...tiles].map(([tile, { length: rows }]) => {
      const [x, y] = tile.match(/\d+/g)!.slice(-2).map(Number);
      return { x: x!, y: y!, rows };
    });
    assert.ok(cutRegions(weighed).length > 3, `${weighed.length} tiles`);
    const expected = new Map(
      readCsv(join(GOLDEN!, 'pairs.csv')).map((row) => [
        `${row['filename_1']} ${row['fid_1']}, ${row['filename_2']} ${row['fid_2']}`,
        [row['overlap_1'], row['overlap_2'], row['distance_3857']].map(Number),
      ]),
    );
    const pairs = listed(13);
    assert.equal(pairs.length, expected.size);
    for (const { preferred, other, distance } of pairs) {
      const [a, b] = preferred.input < other.input ? [preferred, other] : [other, preferred];
      const measures = expected.get(`${nameOf(a)}, ${nameOf(b)}`);
      assert.ok(measures, `${nameOf(a)}, ${nameOf(b)}`);
      const own = [a.overlap, b.overlap, distance];
      for (const [k, each] of own.entries()) assert.ok(Math.abs(each - measures[k]!) < 1e-6);
    }
    assert.deepEqual(listed(19), pairs);
    assert.deepEqual(readDuplicates(folder(19)).summary, readDuplicates(folder(13)).summary);
  });

  test('who stays is what the golden labels and those of the tiles say', () => {
    const labels = goldenLabels('abc_overlap50_both_date_score', ABC);
    assert.deepEqual(labelsOf(folder(13)), labels);
    const goes = new Set<string>();
    for (const { preferred, other } of listed(19)) {
      for (const feature of [preferred, other]) {
        assert.equal(feature.stays, !labels.get(nameOf(feature)), nameOf(feature));
        if (!feature.stays) goes.add(nameOf(feature));
      }
    }
    assert.equal(goes.size, [...labels.values()].filter(Boolean).length);
  });

  test('clusters are what duplicates connect, numbered as they are listed', () => {
    const pairs = listed(19);
    const next = new Map<string, string[]>();
    for (const { preferred, other, isDuplicate } of pairs) {
      if (!isDuplicate) continue;
      const [a, b] = [nameOf(preferred), nameOf(other)];
      next.set(a, [...(next.get(a) ?? []), b]);
      next.set(b, [...(next.get(b) ?? []), a]);
    }
    const found = new Map<string, number>();
    let count = 0;
    for (const start of next.keys()) {
      if (found.has(start)) continue;
      const cluster = ++count;
      const open = [start];
      for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (found.has(name)) continue;
        found.set(name, cluster);
        open.push(...next.get(name)!);
      }
    }
    assert.equal(readDuplicates(folder(19)).summary.clusters, count);
    const numbers = new Map<number, number>();
    for (const { cluster, preferred, other } of pairs) {
      const [a, b] = [found.get(nameOf(preferred)), found.get(nameOf(other))];
      const own = a !== undefined && a === b ? a : null;
      assert.equal(cluster === null, own === null);
      if (cluster === null || own === null) continue;
      assert.equal(numbers.get(own) ?? cluster, cluster);
      numbers.set(own, cluster);
    }
    assert.deepEqual(
      [...numbers.values()],
      Array.from({ length: count }, (_, i) => i + 1),
    );
    const duplicates = listed(13, false);
    assert.ok(duplicates.every(({ isDuplicate }) => isDuplicate));
    assert.equal(duplicates.length, pairs.filter(({ isDuplicate }) => isDuplicate).length);
  });

  test('the histogram counts pairs as its words say', () => {
    const pairs = listed(13);
    const { overlaps, distances } = readDuplicates(folder(13)).summary;
    for (const { above, both, one } of overlaps) {
      const passing = pairs.map(
        ({ preferred, other }) => Number(preferred.overlap > above) + Number(other.overlap > above),
      );
      assert.equal(both, passing.filter((n) => n === 2).length);
      assert.equal(one, passing.filter((n) => n > 0).length);
    }
    for (const { within, pairs: count } of distances) {
      assert.equal(count, pairs.filter(({ distance }) => distance <= within).length);
    }
  });

  test('files have all pairs, and each feature once with the geometry of its input', async () => {
    const [csv, geojson] = [join(base, 'pairs.csv'), join(base, 'features.geojson')];
    const files = ['--csv', csv, '--geojson', geojson];
    const { code, stdout } = await runCli(['duplicates', folder(19), '--pairs', 'all', ...files]);
    assert.equal(code, 0, stdout);
    const pairs = listed(13);
    assert.deepEqual(
      readCsv(csv).map((row) => [
        ...[row['cluster'], row['input'], Number(row['position']), row['verdict']],
        ...[row['other_input'], Number(row['other_position']), Number(row['other_overlap'])],
        ...[Number(row['distance']), row['duplicate']],
      ]),
      pairs.map(({ cluster, preferred, other, distance, isDuplicate }) => [
        ...[String(cluster ?? ''), preferred.input, preferred.position],
        ...[preferred.stays ? 'stays' : 'goes', other.input, other.position, other.overlap],
        ...[distance, isDuplicate ? 'yes' : 'no'],
      ]),
    );
    const { features } = JSON.parse(readFileSync(geojson, 'utf8'));
    const names = new Set(pairs.flatMap(({ preferred, other }) => [preferred, other]).map(nameOf));
    assert.equal(features.length, names.size);
    const inputs = new Map(
      goldenFeatures(ABC).map((feature) => [nameOf(feature), feature.polygons[0]!]),
    );
    for (const { properties, geometry } of features) {
      assert.ok(names.delete(nameOf(properties)), nameOf(properties));
      const rings: number[][][] = geometry.coordinates;
      const sorted = (all: number[][]) => all.slice(1).sort(([a, b], [c, d]) => a! - c! || b! - d!);
      const expected = sorted(inputs.get(nameOf(properties))![0]!.map(([x, y]) => [x!, y!]));
      const actual = sorted(rings[0]!);
      assert.equal(actual.length, expected.length);
      for (const [k, [x, y]] of actual.entries()) {
        const [ex, ey] = expected[k]!;
        assert.ok(
          Math.abs(x! - ex!) < 1e-8 && Math.abs(y! - ey!) < 1e-8,
          `${actual[k]} ${expected[k]}`,
        );
      }
      let doubled = 0;
      for (const [k, [x, y]] of rings[0]!.entries()) {
        const [nextX, nextY] = rings[0]![k + 1] ?? [x!, y!];
        doubled +=
          (x! - rings[0]![0]![0]!) * (nextY! - y!) - (nextX! - x!) * (y! - rings[0]![0]![1]!);
      }
      assert.ok(doubled > 0, 'a shell that is clockwise');
    }
  });

  test('the command prints some lines, or JSON, and refuses what is not judged', async () => {
    const table = await runCli(['duplicates', folder(13), '--limit', '2']);
    assert.equal(table.code, 0);
    assert.match(
      table.stdout,
      /^cluster +input .*\n +1 +scene_b.gpkg +1 +stays .* goes .*\n +2 .*\n…/,
    );
    assert.match(table.stdout, /pairs {6}1,088 overlap, 634 of them duplicates, in 492 clusters\n/);
    const json = JSON.parse((await runCli(['duplicates', folder(13), '--json'])).stdout);
    assert.deepEqual(json.list, JSON.parse(JSON.stringify(listed(13, false))));
    assert.equal(json.pairs, 1088);
    const none = await runCli(['duplicates', base]);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /is not a staged folder/);
    const unwritable = await runCli(['duplicates', folder(13), '--csv', join(base, 'no', 'a.csv')]);
    assert.equal(unwritable.code, 1);
    assert.match(unwritable.stderr, /there is no folder/);
    const off = { dirStaged: folder(13), deduplicateMethod: null, executor: 'inline' } as const;
    await new TileStager(off).deduplicate();
    const unjudged = await runCli(['duplicates', folder(13)]);
    assert.equal(unjudged.code, 2);
    assert.match(unjudged.stderr, /is not judged: say by which rules/);
  });

  test('features that go by their footprints are listed once, as they are counted', async () => {
    const { duplicates } = await stageInto(join(base, 'footprints'), {
      ...{ dirInput: join(GOLDEN!, 'input'), zRange: [0, 17] },
      ...{ deduplicateMethod: 'footprints', dirFootprints: join(GOLDEN!, 'footprints') },
      deduplicateKeepRules: [['cloud', 'larger']],
      duplicates: 'remove',
    });
    const labels = goldenLabels('abc_footprints_date_cloud_clip_python', ABC);
    const counts: Record<string, Record<string, number>> = {};
    const seen = new Set<string>();
    for (const { input, position, reason, stays } of readDuplicates(
      join(base, 'footprints'),
    ).alone()) {
      assert.equal(stays, false);
      assert.equal(seen.size < seen.add(`${input} ${position}`).size, true);
      counts[input] ??= {};
      counts[input][reason!] = (counts[input][reason!] ?? 0) + 1;
    }
    assert.deepEqual(counts, duplicates);
    assert.ok(seen.size > 100 && labels.size > seen.size);
  });
});
