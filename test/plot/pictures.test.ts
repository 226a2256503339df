/**
 * Maps as they were when someone looked at them and found them good, in test/fixtures/plot: SVGs to
 * the byte, PNGs at half their size and within a tolerance. `UPDATE_PICTURES=1 npx node --test test/plot/pictures.test.ts`
 * writes them anew: look at them before they are committed.
 */

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { type PlotOptions, plotTiles } from '../../src/index.ts';
import { encodeRgb } from '../../src/plot/png.ts';
import { temporaryFolder } from '../staging/support.ts';
import { decodePng, type Picture } from './decode-png.ts';
import { stageScene } from './scene.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/plot');
const MOST_BYTES = 100_000;
/** Of a dot's colours, 0 … 255, and the part of dots that may differ by more. */
const TOLERANCE = 16;
const MOST_DIFFERENT = 0.001;

const PICTURES: [name: string, tms: string, z: number, options: PlotOptions][] = [
  ['mercator-random.png', 'WebMercatorQuad', 7, { tiles: 10 }],
  ['polar-count.png', 'UPSArcticWGS84Quad', 7, { tiles: 2, color: 'count' }],
  ['degrees-area.svg', 'WGS1984Quad', 6, { color: 'area' }],
  ['mercator-input.svg', 'WebMercatorQuad', 6, { color: 'input' }],
  ['polar-random.svg', 'UPSArcticWGS84Quad', 7, { seed: 7, grid: false }],
];

suite('stored pictures', () => {
  const folder = temporaryFolder({ after });
  for (const [name, tms, z, options] of PICTURES) {
    test(name, async () => {
      const stager = await stageScene(join(folder, `of-${name}`), tms, z, 30, 4000);
      const output = join(folder, name);
      const { image } = await plotTiles(stager, { ...options, output });
      assert.deepEqual(readFileSync(output), Buffer.from(image));
      const path = join(FIXTURES, name);
      const isSvg = name.endsWith('.svg');
      const kept = isSvg ? image : halved(decodePng(image));
      if (process.env['UPDATE_PICTURES'] === '1') {
        mkdirSync(FIXTURES, { recursive: true });
        writeFileSync(path, kept);
      }
      assert.ok(statSync(path).size <= MOST_BYTES, `${statSync(path).size} bytes`);
      if (isSvg) {
        assert.equal(new TextDecoder().decode(image), readFileSync(path, 'utf8'));
        return;
      }
      const [found, expected] = [decodePng(kept), decodePng(readFileSync(path))];
      assert.deepEqual([found.width, found.height], [expected.width, expected.height]);
      let different = 0;
      for (let i = 0; i < found.rgba.length; i += 4) {
        let most = 0;
        for (let k = i; k < i + 4; k++) {
          most = Math.max(most, Math.abs(found.rgba[k]! - expected.rgba[k]!));
        }
        if (most > TOLERANCE) different++;
      }
      const part = different / (found.width * found.height);
      assert.ok(part <= MOST_DIFFERENT, `${different} dots differ`);
    });
  }
});

/** Each dot the mean of four. */
function halved({ width, height, rgba }: Picture): Uint8Array {
  const [w, h] = [width >> 1, height >> 1];
  const rgb = new Uint8Array(3 * w * h);
  for (let y = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      for (let k = 0; k < 3; k++) {
        const at = (i: number, j: number): number =>
          rgba[4 * ((2 * y + i) * width + 2 * x + j) + k]!;
        rgb[3 * (y * w + x) + k] = Math.round((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4);
      }
    }
  }
  return encodeRgb(rgb, w, h, 3780);
}
