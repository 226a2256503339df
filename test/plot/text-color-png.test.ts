/** What pictures are made of: letters, colours, PNG. */

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { inflateSync } from 'node:zlib';
import { Random } from '../../src/core/random.ts';
import {
  CATEGORY_COUNT,
  categoryColor,
  channels,
  mix,
  OTHERS,
  rampColor,
  randomColors,
} from '../../src/plot/color.ts';
import { ASCENT, DESCENT, shorten, textOutlines, textWidth } from '../../src/plot/lettering.ts';
import { encodeLevels, encodeRgb } from '../../src/plot/png.ts';
import { decodePng } from './decode-png.ts';

suite('text', () => {
  test('letters have outlines within their widths and heights', () => {
    for (let code = 0x21; code < 0x7f; code++) {
      const letter = String.fromCharCode(code);
      const rings = textOutlines(letter, 10, 50, 20);
      assert.ok(rings.length > 0, letter);
      const width = textWidth(letter, 20);
      for (const ring of rings) {
        for (let i = 0; i < ring.length; i += 2) {
          assert.ok(ring[i]! > 10 - 2 && ring[i]! < 10 + width + 2, letter);
          assert.ok(ring[i + 1]! > 50 - 20 && ring[i + 1]! < 50 + 6, letter);
        }
      }
    }
    for (const digit of '0123456789/') {
      for (const ring of textOutlines(digit, 0, 0, 1)) {
        for (let i = 1; i < ring.length; i += 2) {
          assert.ok(-ring[i]! <= ASCENT && ring[i]! <= DESCENT, digit);
        }
      }
    }
    assert.deepEqual(textOutlines(' ', 0, 0, 20), []);
  });

  test('widths add up; unknown letters fall back on their base or a box', () => {
    assert.equal(textWidth('', 12), 0);
    assert.ok(Math.abs(textWidth('13/1218', 24) - 2 * textWidth('13/1218', 12)) < 1e-9);
    assert.ok(textWidth('Ледяные клинья', 12) > 60);
    assert.equal(textWidth('ě', 10), textWidth('e', 10));
    assert.equal(textOutlines('漢', 0, 0, 10).length, 2);
    const [wide, left] = [
      textOutlines('WA', 0, 0, 10),
      textOutlines('A', textWidth('W', 10), 0, 10),
    ];
    assert.deepEqual(wide.slice(-left.length), left);
  });

  test('what is too long loses its middle', () => {
    const name = 'WV02_20190703_17FB568840_u16rf3413_pansh.gpkg';
    assert.equal(shorten(name, 12, 1000), name);
    for (const width of [200, 100, 40, 12]) {
      const short = shorten(name, 12, width);
      assert.ok(textWidth(short, 12) <= width, short);
      assert.match(short, /^(WV.*)?…(.*g)?$/);
    }
  });
});

suite('colours', () => {
  const tiles = Array.from({ length: 100 }, (_, i) => ({ x: i % 10, y: Math.floor(i / 10) }));

  test('random ones depend on the seed alone, and neighbours differ', () => {
    const colors = randomColors(tiles, 1);
    assert.deepEqual(randomColors(tiles, 1), colors);
    assert.deepEqual(randomColors(tiles.slice(0, 40), 1), colors.slice(0, 40));
    for (const seed of [2, -1, 2 ** 40]) assert.notDeepEqual(randomColors(tiles, seed), colors);
    assert.ok(new Set(colors).size > 90);
    for (const [i, { x }] of tiles.entries()) {
      assert.match(colors[i]!, /^#[0-9a-f]{6}$/);
      if (x === 0) continue;
      const [a, b] = [channels(colors[i]!), channels(colors[i - 1]!)];
      assert.ok(Math.hypot(...a.map((value, k) => value - b[k]!)) > 25, `${i}`);
    }
  });

  test('the scale gets darker all the way', () => {
    const light = (color: string): number => {
      const [r, g, b] = channels(color);
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    for (let k = 1; k <= 20; k++) {
      assert.ok(light(rampColor(k / 20)) < light(rampColor((k - 1) / 20)));
    }
    assert.equal(rampColor(-1), rampColor(0));
    assert.equal(rampColor(2), rampColor(1));
  });

  test('inputs have colours of their own, as far as there are any', () => {
    const colors = Array.from({ length: CATEGORY_COUNT }, (_, i) => categoryColor(i));
    assert.equal(new Set(colors).size, CATEGORY_COUNT);
    assert.equal(categoryColor(CATEGORY_COUNT), OTHERS);
    assert.equal(mix('#000000', '#ffffff', 0.5), '#808080');
  });
});

suite('PNG', () => {
  test('RGB comes back, with its size on paper', () => {
    const random = new Random(5);
    const rgb = Uint8Array.from({ length: 3 * 37 * 21 }, () => random.integer(256));
    const { width, height, rgba, dotsPerMeter } = decodePng(encodeRgb(rgb, 37, 21, 7559));
    assert.deepEqual([width, height, dotsPerMeter], [37, 21, 7559]);
    assert.deepEqual(
      rgba.filter((_, i) => i % 4 < 3),
      rgb,
    );
  });

  test('levels of one colour come back, from stored blocks of more than 64 KiB', () => {
    const random = new Random(6);
    for (const [columns, rows] of [
      [1, 1],
      [7, 3],
      [501, 400],
    ] as const) {
      const levels = Uint8Array.from({ length: columns * rows }, () => random.integer(16));
      const png = encodeLevels(levels, columns, rows, [10, 200, 30]);
      const { width, height, rgba } = decodePng(png);
      assert.deepEqual([width, height], [columns, rows]);
      assert.deepEqual(
        rgba.filter((_, i) => i % 4 === 3),
        levels.map((level) => 17 * level),
      );
      assert.deepEqual([...rgba.subarray(0, 3)], [10, 200, 30]);
      const at = Buffer.from(png).indexOf('IDAT') + 4;
      assert.ok(inflateSync(png.subarray(at)).length > 0);
    }
  });
});
