/** Maps that tell duplicates from what stays, against the labels in the tiles. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { getTileMatrixSet, plotTiles, TileStager, TilewrightError } from '../../src/index.ts';
import { categoryColor, channels } from '../../src/plot/color.ts';
import { BY_DATE } from '../staging/deduplication/deduplicate-support.ts';
import { readTiles, type TileRow, temporaryFolder } from '../staging/support.ts';
import { stageAgain, stageScenes } from '../viewer/support.ts';
import { decodePng } from './decode-png.ts';
import { readSvg } from './scene.ts';

const [OTHERS, DUPLICATES] = [categoryColor(0), categoryColor(1)];
const Z = 9;

suite('maps of duplicates', () => {
  const folder = temporaryFolder({ after });
  const of = (name: string): TileStager => new TileStager({ dirStaged: join(folder, name) });
  let rows: TileRow[];
  let input: string;

  before(async () => {
    // Polygons are smaller than a pixel at this level.
    const config = { ...BY_DATE, zRange: [0, Z] as [number, number] };
    ({ input } = await stageScenes(folder, config, 1500));
    rows = readTiles(join(folder, 'staged'));
  });

  const isDuplicate = ({ values }: TileRow): boolean => values['staging_duplicated'] === 1;
  const ids = (some: TileRow[]): number =>
    new Set(some.map(({ values }) => values['staging_identifier'])).size;

  test('title and legend count each feature once', async () => {
    const [all, duplicates] = [ids(rows), ids(rows.filter(isDuplicate))];
    assert.ok(duplicates > 100 && duplicates < all / 2, `${duplicates} of ${all}`);
    for (const format of ['svg', 'png'] as const) {
      const plot = await plotTiles(of('staged'), { format, color: 'duplicated' });
      assert.equal(plot.polygons, all);
      const number = (n: number): string => n.toLocaleString('en');
      assert.ok(
        plot.title.endsWith(
          ` ${number(all)} polygons, of them ${number(duplicates)} labelled as duplicates`,
        ),
        plot.title,
      );
      if (format === 'png') continue;
      const parts = readSvg(new TextDecoder().decode(plot.image));
      const texts = parts.texts.map(({ text }) => text);
      assert.ok(texts.includes(`stay: ${number(all - duplicates)}`), texts.join('\n'));
      assert.ok(texts.includes(`duplicates: ${number(duplicates)}`), texts.join('\n'));
      for (const { x, width } of parts.texts) assert.ok(x + width <= parts.width);
    }
  });

  test('what is below a pixel covers as much as it is large, duplicates last', async () => {
    const { image } = await plotTiles(of('staged'), { format: 'svg', color: 'duplicated' });
    const svg = new TextDecoder().decode(image);
    const groups = [...svg.matchAll(/<g clip-path[^>]*fill="(#\w+)"[^>]*>(.*?)<\/g>/gs)];
    const colors = groups.map(([, color]) => color!);
    assert.deepEqual([...new Set(colors)], [OTHERS, DUPLICATES]);
    assert.ok(colors.lastIndexOf(OTHERS) < colors.indexOf(DUPLICATES), 'duplicates lie on top');
    const matrix = getTileMatrixSet('WGS1984Quad').matrix(Z);
    const name = readSvg(svg).texts.find(({ onMap }) => onMap)!;
    const frame = readSvg(svg).frames.find(
      ({ x, y, width, height }) =>
        x <= name.x && y <= name.y && name.x < x + width && name.y < y + height,
    )!;
    const dots = (4 * frame.width * frame.height) / (matrix.spanX * matrix.spanY);
    for (const [color, label] of [
      [OTHERS, false],
      [DUPLICATES, true],
    ] as const) {
      let covered = 0;
      for (const [, own, content] of groups) {
        if (own !== color) continue;
        assert.ok(!content!.includes('<path'), 'all are small');
        for (const [, data] of content!.matchAll(/base64,([^"]+)"/g)) {
          const { rgba } = decodePng(Buffer.from(data!, 'base64'));
          assert.deepEqual([...rgba.subarray(0, 3)], channels(color));
          for (let i = 3; i < rgba.length; i += 4) covered += rgba[i]! / 255;
        }
      }
      const area = rows
        .filter((row) => isDuplicate(row) === label)
        .reduce((sum, { values }) => sum + Number(values['staging_area']), 0);
      assert.ok(Math.abs(covered / (area * dots) - 1) < 0.15, `${covered} of ${area * dots}`);
    }
  });

  test('a folder without labels is refused, with what helps', async () => {
    const config = { ...BY_DATE, zRange: [0, Z] as [number, number] };
    await stageAgain(input, join(folder, 'plain'), { zRange: [0, Z] });
    await stageAgain(input, join(folder, 'removed'), { ...config, duplicates: 'remove' });
    for (const [name, message] of [
      ['plain', /plain can't be shown: .* no label .*`tilewright deduplicate`/],
      ['removed', /removed can't be shown: it leaves them out .*`--duplicates label`/],
    ] as const) {
      await assert.rejects(plotTiles(of(name), { color: 'duplicated' }), (error) => {
        assert.ok(error instanceof TilewrightError);
        assert.equal(error.code, 'usage');
        assert.match(error.message, message);
        return true;
      });
      await plotTiles(of(name), { color: 'count' });
    }
  });
});
